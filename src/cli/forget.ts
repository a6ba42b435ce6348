import { Option, type Command } from "commander";
import type { Kit } from "../kit.ts";
import { erasureJson } from "../answers/json.ts";
import { ORDER_ID_CHARS_MAX } from "../core/cancellation.ts";
import { eraseInBatches, type ErasureRun } from "../core/erasing.ts";
import { subjectProblem, type ErasureSubject, type NewErasure } from "../core/erasure.ts";
import { SECOND_MS } from "../core/time.ts";
import { cleanLine } from "../core/text.ts";
import { count } from "./bulk.ts";
import { byOf, CommandFailed, note, say, sayJson, saysYes, WrongUsage, type Cli } from "./cli.ts";
import { listFrom, settingsIfOpen, UNREAD, withKit } from "./kit.ts";
import { createProgress } from "./progress.ts";
import { stopSignal } from "./stopping.ts";
import { sayTable, shortTime } from "./table.ts";

/** A person waits; the service has more patience with a reader. */
const READER_WAIT_MS_MAX = 5 * SECOND_MS;
/** Of the list: as many as anybody reads. */
const LISTED_MAX = 200;

interface Options {
  phone?: string;
  email?: string;
  store?: string;
  list?: true;
  dryRun?: true;
  yes?: true;
  json?: true;
}

export function addForget(program: Command, cli: Cli): void {
  program
    .command("forget [store] [order]")
    .description(
      "erases the buyer of one order, or of all orders with a phone or an e-mail; what was ordered and what became of it stays",
    )
    // Checked by the action, as all else is: commander would repeat in its errors what was typed.
    .allowExcessArguments()
    .allowUnknownOption()
    .option("--phone <number>", "whose orders have this phone, however it is written")
    .option("--email <address>", "whose orders have this e-mail")
    .option("--store <name>", "with --phone or --email: only of this store")
    .addOption(new Option("--list", "what was forgotten, when and by whom").conflicts(["dryRun", "yes"]))
    .option("--dry-run", "only count what would go")
    .option("--yes", "do not ask first; without a terminal, or with --json, nothing is asked")
    .option("--json", "as JSON")
    .action((_store: unknown, _order: unknown, options: Options, { args }: Command) => {
      if (options.list !== true) return forget(cli, subjectOf(args, options), options);
      const { store, phone, email } = options;
      if (args.length > 0 || [store, phone, email].some((given) => given !== undefined))
        throw new WrongUsage("--list shows all that was forgotten: give it alone, or with --json");
      return list(cli, options.json === true);
    });
}

/** @throws WrongUsage in words without what was typed: it may be somebody's phone */
function subjectOf(args: readonly string[], options: Options): ErasureSubject {
  if (args.some((arg) => arg.startsWith("-"))) throw new WrongUsage("an option is not known");
  const [store, order] = args;
  const { phone = null, email = null } = options;
  const byBuyer = phone !== null || email !== null;
  const given = byBuyer ? 0 : 2;
  if (args.length !== given || (!byBuyer && options.store !== undefined))
    throw new WrongUsage(
      "say whom: <store> <order>, or --phone <number> or --email <address> and perhaps --store; what has spaces in quotes",
    );
  const subject: ErasureSubject = {
    store: store ?? options.store ?? null,
    everything: false,
    orders: order === undefined ? [] : [cleanLine(order, ORDER_ID_CHARS_MAX)],
    ...{ phone, email, customer_id: null },
  };
  const problem = subjectProblem(subject);
  if (problem !== null) throw new WrongUsage(problem);
  return subject;
}

async function forget(cli: Cli, subject: ErasureSubject, { dryRun, yes, json }: Options): Promise<void> {
  await withKit(
    cli,
    async (kit) => {
      const found = await lookFor(cli, kit, subject);
      const unknown = await unknownStore(kit, subject);
      if (unknown !== null) note(cli, `note: ${unknown}; this is what it left here`);
      if (dryRun) {
        if (json) sayJson(cli, { dry_run: true, deliveries: found.deliveries, webhooks: found.webhooks });
        else say(cli, `would erase the buyer of ${wordsOf(found)}`);
        return;
      }
      if (cli.ask !== null && !yes && !json) await makeSure(cli.ask, found);
      const erasure = await kit.relay.forget(subject, byOf(cli));
      const run = await erase(cli, kit, erasure, found);
      // A service that looks for what is left may have found a part of it.
      const all = (await kit.ledger.listErasures(LISTED_MAX)).find(({ id }) => id === erasure.id) ?? run;
      const { deliveries, webhooks } = all;
      if (json) {
        const { done: finished, log_left, batches, waits, duration_ms } = run;
        const told = { finished, deliveries, webhooks, log_left, batches, waits, duration_ms };
        sayJson(cli, { dry_run: false, erasure: erasure.id, ...told });
      } else {
        say(cli, `erased the buyer of ${wordsOf(all)}; ${WHAT_STAYS}`);
        if (run.log_left) note(cli, `note: ${OLD_PAGES}`);
      }
      if (!run.done) throw new CommandFailed(await leftWords(kit, run));
    },
    UNREAD,
  );
}

const WHAT_STAYS =
  "their dedupe keys stay, so the same webhook again is a duplicate; paper that is printed and backups made before are not reached";
const OLD_PAGES =
  "a reader (a backup, Litestream, a shell) keeps the write-ahead log: what was erased is in its old pages, which go with the next checkpoint once that reader ends";

/** @throws CommandFailed when there is nothing */
async function lookFor(cli: Cli, kit: Kit, subject: ErasureSubject): Promise<ErasureRun> {
  if (cli.stderr.isTTY === true) note(cli, "looking through the ledger; nothing is erased yet");
  const erasure = { id: "dry-run", asked_at: cli.clock.now(), by: byOf(cli), subject };
  const found = await eraseInBatches((query) => kit.ledger.eraseBatch(query), erasure, {
    ...{ clock: cli.clock, waitMsMax: READER_WAIT_MS_MAX, dryRun: true },
  });
  if (found.deliveries + found.webhooks > 0) return found;
  const [order] = subject.orders;
  const whose = order === undefined ? "of that buyer" : `of order ${order} that has a buyer`;
  const where = subject.store === null ? "at any store" : `at ${cleanLine(subject.store)}`;
  const unknown = await unknownStore(kit, subject);
  throw new CommandFailed(
    `nothing ${whose} is known ${where}: webhooks, tickets, sent orders, answers and confirmations were looked through` +
      (unknown === null ? "" : `; ${unknown}: see relay stores list`),
  );
}

/** What a store sent stays when its settings go, and can be forgotten; a slip of the finger is no store either. */
async function unknownStore(kit: Kit, { store }: ErasureSubject): Promise<string | null> {
  const settings = await settingsIfOpen(kit);
  if (store === null || settings === null || settings.stores.some(({ name }) => name === store)) return null;
  return `no store ${cleanLine(store)} is configured now`;
}

/** @throws CommandFailed when who was asked did not say yes */
async function makeSure(ask: NonNullable<Cli["ask"]>, found: Counts): Promise<void> {
  const question = `Erase the buyer of ${wordsOf(found)}, for good?`;
  if (await saysYes(ask, question)) return;
  throw new CommandFailed("nothing was erased; say y, or give --yes, to erase it");
}

/** The first Ctrl-C ends it after the batch that runs. */
async function erase(cli: Cli, kit: Kit, erasure: NewErasure, found: ErasureRun): Promise<ErasureRun> {
  const stop = { asked: false };
  void stopSignal(cli).then(() => (stop.asked = true));
  const progress = createProgress(cli, found.batches);
  const run = await eraseInBatches((query) => kit.ledger.eraseBatch(query), erasure, {
    ...{ clock: cli.clock, waitMsMax: READER_WAIT_MS_MAX },
    stopped: () => stop.asked,
    onBatch: (soFar) => progress.show(soFar.batches, `${wordsOf(soFar)} erased`),
  });
  progress.clear();
  return run;
}

async function leftWords(kit: Kit, { waits }: ErasureRun): Promise<string> {
  const why = waits > 0 ? "stopped, or held up by a reader of the write-ahead log" : "stopped";
  return (await kit.serviceRunning())
    ? `${why}: the running service erases the rest within a minute or so`
    : `${why}: the rest is erased when a service runs on this ledger; start it with: relay serve`;
}

interface Counts {
  deliveries: number;
  webhooks: number;
}

/** `3 deliveries`, `3 deliveries and 1 further webhook`. */
function wordsOf({ deliveries, webhooks }: Counts): string {
  const many = (howMany: number, what: string): string =>
    `${count(howMany)} ${what}${howMany === 1 ? "" : "s"}`;
  const further = webhooks === 0 ? "" : ` and ${many(webhooks, "further webhook")}`;
  return `${deliveries === 1 ? "1 delivery" : `${count(deliveries)} deliveries`}${further}`;
}

async function list(cli: Cli, json: boolean): Promise<void> {
  const erasures = await listFrom(cli, [], (kit) => kit.ledger.listErasures(LISTED_MAX));
  if (json) {
    sayJson(cli, { items: erasures.map(erasureJson) });
    return;
  }
  if (erasures.length === 0) {
    say(cli, "nobody was forgotten so far");
    return;
  }
  const columns = [
    { header: "asked (UTC)" },
    { header: "by", min: 8, wraps: true },
    { header: "store", min: 10, wraps: true },
    { header: "deliveries" },
    { header: "webhooks" },
    { header: "done (UTC)" },
    { header: "erasure", optional: true },
  ];
  const rows = erasures.map(({ id, asked_at, by, store, deliveries, webhooks, done_at }) => [
    ...[shortTime(asked_at), by, store ?? "all", count(deliveries), count(webhooks)],
    ...[done_at === null ? "not yet" : shortTime(done_at), id],
  ]);
  sayTable(cli, columns, rows);
  if (erasures.length === LISTED_MAX) say(cli, `the newest ${LISTED_MAX}; there may be more`);
}
