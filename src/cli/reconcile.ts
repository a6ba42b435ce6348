import { InvalidArgumentError, type Command } from "commander";
import type { Kit } from "../kit.ts";
import { reconciledJson } from "../answers/store-json.ts";
import { RelayError } from "../core/errors.ts";
import { cleanLine } from "../core/text.ts";
import type { Clock, UnixMs } from "../core/time.ts";
import type { ReconcileResult } from "../stores/store-acts.ts";
import { count } from "./bulk.ts";
import { byOf, CommandFailed, note, say, sayJson, type Cli } from "./cli.ts";
import { noteWithoutService, withKit } from "./kit.ts";
import { moment } from "./options.ts";
import { shortTime } from "./table.ts";

interface Options {
  since?: UnixMs;
  json?: true;
}

interface Failure {
  store: string;
  code: string;
  detail: string;
}

export function addReconcile(program: Command, cli: Cli): void {
  program
    .command("reconcile [stores...]")
    .description(
      "fetches the cancelled orders that no webhook brought, and prints them; of all stores with an api unless named",
    )
    .option(
      "--since <time>",
      "instead of where the last run ended: 2026-11-03T12:00Z, or an age such as 3d, 12h, 90m",
      pastMoment(cli.clock),
    )
    .option("--json", "as JSON")
    .action((stores: string[], options: Options) =>
      withKit(cli, (kit) => reconcile(cli, kit, stores, options)),
    );
}

/** Of what is to come nothing is cancelled: somebody has mistyped the year. */
function pastMoment(clock: Clock): (text: string) => UnixMs {
  const read = moment(clock);
  return (text) => {
    const at = read(text);
    if (at > clock.now()) throw new InvalidArgumentError("Give a time that has passed.");
    return at;
  };
}

async function reconcile(cli: Cli, kit: Kit, named: string[], { since, json }: Options): Promise<void> {
  const stores = named.length > 0 ? [...new Set(named)] : await askable(kit);
  const done: ReconcileResult[] = [];
  const failed: Failure[] = [];
  const by = byOf(cli);
  for (const store of stores) {
    try {
      const result = await kit.relay.reconcile(store, by, since === undefined ? {} : { since });
      done.push(result);
      if (!json) say(cli, lineOf(result));
    } catch (error) {
      const failure = failureOf(store, error);
      failed.push(failure);
      if (!json && stores.length > 1) note(cli, `${store}: ${failure.detail}`);
    }
  }
  if (json) sayJson(cli, { items: done.map(reconciledJson), failed });
  else if (stores.length === 0)
    say(cli, "no store has an api to be asked by; give one api.url and api.token");
  if (done.some(({ found }) => found > 0)) await noteWithoutService(cli, kit);
  const [first] = failed;
  if (first === undefined) return;
  if (stores.length === 1) throw new CommandFailed(wordsOf(first));
  const others = done.length === 0 ? "" : "the others are done, ";
  throw new CommandFailed(
    `${failed.length} of ${stores.length} stores could not be asked: ${failed.map(({ store }) => store).join(", ")}; ${others}run it again for these`,
  );
}

/** A store's own words name nobody and advise nothing; the relay's do. */
function wordsOf({ store, code, detail }: Failure): string {
  if (code !== "store_refused" && code !== "store_unavailable") return detail;
  const first = code === "store_refused" ? "mend that" : "wait a little";
  return `store ${store}: ${detail}; ${first}, then again: relay reconcile ${store}`;
}

async function askable({ ledger }: Kit): Promise<string[]> {
  const { stores } = await ledger.settings();
  return stores.filter(({ api }) => api !== null).map(({ name }) => name);
}

/** One store's trouble is its own; the ledger's is everybody's. */
function failureOf(store: string, error: unknown): Failure {
  if (!(error instanceof RelayError) || error.code.startsWith("ledger_")) throw error;
  return { store, code: error.code, detail: cleanLine(error.message) };
}

/** `noodle-bar: 2 found and being printed, 14 known (16 listed since 2026-11-03 11:00:00 UTC)`. */
function lineOf(result: ReconcileResult): string {
  const { found, known, before, ignored, quarantined } = result;
  const parts = [
    `${count(found)} found${found > 0 ? " and being printed" : ""}`,
    `${count(known)} known`,
    before > 0 && `${count(before)} from before`,
    ignored > 0 && `${count(ignored)} left out by its settings`,
    quarantined > 0 && `${count(quarantined)} not understood: relay webhooks list --status quarantined`,
  ].filter((part) => part !== false);
  return `${result.store}: ${parts.join(", ")} (${count(result.listed)} listed since ${shortTime(result.since)} UTC)`;
}
