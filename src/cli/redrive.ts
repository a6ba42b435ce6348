import type { Command } from "commander";
import type { Kit } from "../kit.ts";
import type { UnixMs } from "../core/time.ts";
import { deliveryJson } from "../answers/json.ts";
import type { Slip } from "../answers/other-slips.ts";
import { actOnAll, cameTo, count, requireFinished, tally } from "./bulk.ts";
import { byOf, note, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { findDelivery, ID_OR_ORDER } from "./find-delivery.ts";
import { noteWhyNothing, noteWithoutService, withKit } from "./kit.ts";
import { moment, oneOf } from "./options.ts";
import { allOf } from "./pages.ts";
import { apartFromReprinted, noteReprinted } from "./reprinted.ts";
import { sayTable, shortTime } from "./table.ts";

const PAGE = 200;

interface Options {
  state?: "dead";
  store?: string;
  printer?: string;
  since?: UnixMs;
  until?: UnixMs;
  dryRun?: true;
  json?: true;
}

export function addRedrive(deliveries: Command, cli: Cli): void {
  deliveries
    .command(`redrive [${ID_OR_ORDER}]`)
    .description(
      "sends a dead or held delivery again, once its cause is mended; or all that are dead since a time",
    )
    .option("--state <state>", "instead of an id: all that are dead", oneOf(["dead"]))
    .option("--since <time>", "created since: 2026-11-03T12:00Z, or an age such as 2h", moment(cli.clock))
    .option("--until <time>", "created until", moment(cli.clock))
    .option("--store <name>", "of this store; with an order's number, whose it is")
    .option("--printer <name>", "of this printer")
    .option("--dry-run", "only count them")
    .option("--json", "as JSON")
    .action(async (which: string | undefined, options: Options) => {
      const { json, store, ...many } = options;
      if (which === undefined) return redriveAll(cli, options);
      if (Object.keys(many).length > 0)
        throw new WrongUsage("give an id or an order, or --state dead --since <time>, not both");
      return redriveOne(cli, which, { store, json: json === true });
    });
}

async function redriveOne(
  cli: Cli,
  which: string,
  { store, json }: { store: string | undefined; json: boolean },
): Promise<void> {
  await withKit(cli, async (kit) => {
    const { id } = (await findDelivery(kit, which, store)).detail.delivery;
    const delivery = await kit.relay.redrive(id, byOf(cli));
    if (json) sayJson(cli, deliveryJson(delivery));
    else say(cli, `${delivery.id} (order ${delivery.order_name}) is ${delivery.state} again`);
    await noteWithoutService(cli, kit);
  });
}

interface Meant extends Slip {
  order_name: string;
  store: string;
  printer: string;
}

async function redriveAll(cli: Cli, { dryRun, json, ...filter }: Options): Promise<void> {
  const { state, since } = filter;
  if (state === undefined || since === undefined) {
    throw new WrongUsage(
      "give the id of a delivery or an order's number, or --state dead and --since <time>",
    );
  }
  await withKit(cli, async (kit) => {
    const { missing: meant, reprinted } = await apartFromReprinted(
      kit,
      await find(kit, { ...filter, state }),
    );
    if (!json) noteReprinted(cli, reprinted);
    if (meant.length + reprinted.length === 0) await noteWhyNothing(cli, kit, filter);
    // Where there are none it is as it was before there was such a field.
    const left = reprinted.length === 0 ? {} : { reprinted };
    if (dryRun) {
      if (json) sayJson(cli, { dry_run: true, matched: meant.length, by: groupsOf(meant), ...left });
      else sayMeant(cli, meant);
      return;
    }
    if (!json && meant.length > 0)
      note(cli, `redriving ${count(meant.length)} dead deliveries, oldest first; Ctrl-C stops`);
    const by = byOf(cli);
    const result = await actOnAll(cli, {
      ids: meant.map(({ id }) => id),
      act: async (id) => {
        await kit.relay.redrive(id, by);
        return "redriven";
      },
      done: "redriven",
    });
    if (json) sayJson(cli, { dry_run: false, ...result, ...left });
    else say(cli, `${cameTo(result)} of ${count(meant.length)} dead deliveries`);
    if (meant.length > 0) await noteWithoutService(cli, kit);
    requireFinished(result);
  });
}

/** As they are now: one that dies later is not in this run, and none is in it twice. */
async function find(kit: Kit, filter: Omit<Options, "dryRun" | "json">): Promise<Meant[]> {
  const newestFirst = await allOf(
    (after) => kit.ledger.searchDeliveries({ ...filter, limit: PAGE, ...after }),
    ({ id, store, printer, created_at, order_name, reprint_of, reprint_number }): Meant => ({
      ...{ id, printer, created_at, order_name, reprint_of, reprint_number },
      store: store ?? "-",
    }),
  );
  return newestFirst.reverse();
}

function groupsOf(meant: readonly Meant[]) {
  const groups = tally(meant, ({ store, printer }) => ({ store, printer }));
  return groups.map(({ group, many }) => ({ ...group, deliveries: many }));
}

function sayMeant(cli: Cli, meant: readonly Meant[]): void {
  const [oldest] = meant;
  const newest = meant.at(-1);
  if (oldest === undefined || newest === undefined)
    return say(cli, "would redrive nothing: no dead delivery matches");
  const columns = [
    { header: "store", min: 8, wraps: true },
    { header: "printer", min: 8, wraps: true },
    { header: "deliveries" },
  ];
  const rows = groupsOf(meant).map(({ store, printer, deliveries }) => [store, printer, count(deliveries)]);
  sayTable(cli, columns, rows);
  const span = `${shortTime(oldest.created_at)} to ${shortTime(newest.created_at)} UTC`;
  say(cli, `would redrive ${count(meant.length)} dead deliveries, created ${span}`);
}
