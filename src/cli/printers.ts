import type { Command } from "commander";
import type { Kit } from "../app.ts";
import type { DeliveryDetail } from "../ledger/ledger.ts";
import { cleanLine } from "../core/text.ts";
import { SECOND_MS } from "../core/time.ts";
import { byOf, CommandFailed, pause, say, sayJson, type Cli } from "./cli.ts";
import { attemptJson, deliveryJson, printerJson } from "../answers/json.ts";
import { withKit } from "./kit.ts";
import { integer } from "./options.ts";
import { sayTable } from "./table.ts";

const LOOK_EVERY_MS = 250;
const WAIT_S_DEFAULT = 30;
const WAIT_S_MAX = 600;

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
    .option(
      "--wait <seconds>",
      "how long to wait for the cloud's answer",
      integer(0, WAIT_S_MAX),
      WAIT_S_DEFAULT,
    )
    .option("--json", "as JSON")
    .action((name: string, options: { wait: number; json?: true }) =>
      withKit(cli, (kit) => test(cli, kit, name, options)),
    );
}

async function list(cli: Cli, json: boolean): Promise<void> {
  await withKit(cli, async (kit) => {
    const { printers } = await kit.ledger.settings();
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
        { header: "printer", min: 8 },
        { header: "paper" },
        { header: "language" },
        { header: "time zone", min: 8 },
        { header: "endpoint" },
        { header: "order_txt" },
        { header: "secret" },
        { header: "sign", optional: true, min: 12 },
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
  });
}

async function test(cli: Cli, kit: Kit, name: string, options: { wait: number; json?: true }): Promise<void> {
  if (!kit.serviceRunning()) {
    throw new CommandFailed(
      "no service is running on this ledger, so nothing would be sent; start one with: relay serve",
    );
  }
  const { id } = await kit.relay.testSlip(name, byOf(cli));
  const detail = await answerOf(cli, kit, id, options.wait * SECOND_MS);
  const { delivery } = detail;
  const attempt = detail.attempts.at(-1) ?? null;
  if (options.json)
    sayJson(cli, { delivery: deliveryJson(delivery), attempt: attempt && attemptJson(attempt) });
  else {
    say(cli, `delivery  ${delivery.id}`);
    say(cli, `state     ${delivery.state}`);
    if (attempt !== null) {
      say(cli, `answer    ${cleanLine(attempt.detail)}`);
    }
  }
  if (delivery.state === "accepted" || delivery.state === "printed") {
    if (!options.json)
      say(cli, "The cloud took it, so key and sign pass. Now confirm the slip at the printer.");
    return;
  }
  const said = delivery.last_error ?? "no answer yet";
  throw new CommandFailed(
    `test slip ${delivery.id} is ${delivery.state}: ${said}; check the printer's api_key, secret_key and sign, or look again with: relay deliveries show ${delivery.id}`,
  );
}

/** Looks until the cloud has said yes or no, or the time is up. */
async function answerOf(cli: Cli, kit: Kit, id: string, waitMs: number): Promise<DeliveryDetail> {
  const until = cli.clock.now() + waitMs;
  for (;;) {
    const detail = await kit.ledger.findDelivery(id);
    if (detail === null) throw new CommandFailed(`delivery ${id} is gone from the ledger`);
    const settled = ["accepted", "printed", "rejected", "dead"].includes(detail.delivery.state);
    if (settled || cli.clock.now() >= until) return detail;
    await pause(cli.clock, LOOK_EVERY_MS);
  }
}
