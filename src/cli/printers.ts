import type { Command } from "commander";
import type { Kit } from "../kit.ts";
import { byOf, say, sayJson, type Cli } from "./cli.ts";
import { printerJson } from "../answers/json.ts";
import { listFrom, withKit } from "./kit.ts";
import { sayTable } from "./table.ts";
import { needService, tellTest, waitOption, type TestOptions } from "./test-slip.ts";

export function addPrinters(program: Command, cli: Cli): void {
  const printers = program.command("printers").description("the printers that slips come out of");
  printers
    .command("list")
    .description("all printers, without their keys")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => list(cli, options.json === true));
  printers
    .command("test <name>")
    .description(
      "sends a TEST slip and shows the cloud's answer: the check of api_key, secret and sign formula",
    )
    .addOption(waitOption())
    .option("--json", "as JSON")
    .action((name: string, options: TestOptions) => withKit(cli, (kit) => test(cli, kit, name, options)));
}

async function list(cli: Cli, json: boolean): Promise<void> {
  const printers = await listFrom(cli, [], async (kit) => (await kit.ledger.settings()).printers);
  if (json) {
    sayJson(cli, { items: printers.map(printerJson) });
    return;
  }
  if (printers.length === 0) {
    say(cli, "no printers yet; name them in a file and run: relay apply <file>");
    return;
  }
  sayTable(
    cli,
    [
      { header: "printer", min: 8, wraps: true },
      { header: "paper" },
      { header: "language" },
      { header: "time zone", min: 8, wraps: true },
      { header: "endpoint" },
      { header: "order_txt" },
      { header: "secret" },
      { header: "sign", optional: true, min: 40, wraps: true },
    ],
    printers.map((printer) => [
      printer.name,
      String(printer.columns),
      printer.language,
      printer.time_zone,
      printer.endpoint,
      printer.order_txt,
      printer.secret_key === "" ? "none" : "set",
      `${printer.sign.algorithm} ${printer.sign.template}`,
    ]),
  );
}

async function test(cli: Cli, kit: Kit, name: string, options: TestOptions): Promise<void> {
  await needService(kit);
  const { id } = await kit.relay.testSlip(name, byOf(cli));
  await tellTest(cli, kit, id, options, {
    advice: "check the printer's api_key, secret_key and sign",
    look: "Its ruler must fill one line: if it breaks, or room is left, set other columns.",
  });
}
