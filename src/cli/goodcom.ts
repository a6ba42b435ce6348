import { InvalidArgumentError, type Command } from "commander";
import { printerSchema } from "../core/settings.ts";
import { SECOND_MS } from "../core/time.ts";
import { FAULTS, type FaultName } from "../goodcom/simulator/faults.ts";
import { createGoodcomSimulator } from "../goodcom/simulator/simulator.ts";
import type { Slip } from "../goodcom/simulator/slip.ts";
import { note, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { integer, oneOf } from "./options.ts";
import { sayPaper } from "./paper.ts";
import { closeInTime, stopSignal } from "./stopping.ts";

const PORT_MAX = 65_535;
const CONFIRM_S_DEFAULT = 3;
const CONFIRM_S_MAX = 3600;
const TIMES_MAX = 10_000;
/** Only for the frame: the fake cloud is not told how wide the paper is. */
const PAPER_COLUMNS = 32;

interface FakeOptions {
  port: number;
  confirmAfter: number | "never";
  fault?: FaultName;
  times?: number;
  apiKey?: string;
  secret?: string;
  onlySubmitted?: true;
  json?: true;
}

export function addGoodcom(program: Command, cli: Cli): void {
  const goodcom = program.command("goodcom").description("the printer cloud, without the printer cloud");
  goodcom
    .command("fake")
    .description(
      "a Goodcom cloud with one printer on 127.0.0.1: prints slips here, confirms them by callback",
    )
    .option("--port <port>", "0 takes a free one", integer(0, PORT_MAX), 0)
    .option(
      "--confirm-after <seconds>",
      "when staff confirm a slip, or never",
      confirmAfter,
      CONFIRM_S_DEFAULT,
    )
    .option("--fault <name>", FAULTS.join(", "), oneOf(FAULTS))
    .option("--times <count>", "the fault only for so many requests", integer(1, TIMES_MAX))
    .option("--api-key <key>", "the only key it knows; any unless given")
    .option("--secret <secret>", "that key's secret: signs by the default formula are checked")
    .option("--only-submitted", "cancelorder refuses an order that was never submitted")
    .option("--json", "each slip as one line of JSON")
    .action((options: FakeOptions) => fake(cli, options));
}

function confirmAfter(text: string): number | "never" {
  if (text === "never") return text;
  const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (!(seconds <= CONFIRM_S_MAX)) {
    throw new InvalidArgumentError(`Give seconds from 0 to ${CONFIRM_S_MAX}, or never.`);
  }
  return seconds;
}

async function fake(cli: Cli, options: FakeOptions): Promise<void> {
  const { fault, times } = options;
  if (times !== undefined && fault === undefined) throw new WrongUsage("--times needs --fault");
  if (times !== undefined && fault === "refuse") {
    throw new WrongUsage("--fault refuse cannot be counted in requests: leave --times out");
  }
  if (options.secret !== undefined && options.apiKey === undefined)
    throw new WrongUsage("--secret needs --api-key");
  const stop = stopSignal(cli);
  const simulator = createGoodcomSimulator({
    clock: cli.clock,
    port: options.port,
    confirm_after_ms: options.confirmAfter === "never" ? null : options.confirmAfter * SECOND_MS,
    knows_orders: options.onlySubmitted !== true,
    ...(options.apiKey === undefined
      ? {}
      : { check: { api_keys: region(options.apiKey, options.secret ?? "") } }),
    onSlip: (slip) => tell(cli, slip, options.json === true),
    log: (line) => note(cli, line),
  });
  const url = await simulator.listen();
  if (fault !== undefined && times === undefined) await simulator.setFault(fault);
  if (fault !== undefined && times !== undefined) simulator.script(Array<FaultName>(times).fill(fault));
  note(cli, `fake Goodcom cloud on ${url}; start the relay with GOODCOM_URL=${url}; stop with Ctrl-C`);
  await stop;
  await closeInTime(cli, () => simulator.close());
}

/** One region, whose signs follow the default formula. */
function region(api_key: string, secret_key: string) {
  const { sign } = printerSchema.parse({ name: "any", api_key });
  return { [api_key]: { secret_key, sign } };
}

function tell(cli: Cli, slip: Slip, json: boolean): void {
  if (json) {
    // The callback's address is the relay's secret.
    say(cli, JSON.stringify({ ...slip, callback_url: undefined }));
    return;
  }
  say(cli, `${slip.id}  order ${JSON.stringify(slip.order_id)} by ${slip.endpoint}`);
  if (slip.order_txt === "") return sayJson(cli, slip.order_json);
  sayPaper(cli, slip.order_txt, PAPER_COLUMNS);
}
