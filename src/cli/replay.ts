import type { Command } from "commander";
import type { Kit } from "../kit.ts";
import { receiptJson } from "../answers/json.ts";
import { RelayError } from "../core/errors.ts";
import { cleanLine } from "../core/text.ts";
import type { UnixMs } from "../core/time.ts";
import { WEBHOOK_STATUSES, type WebhookStatus } from "../core/webhook.ts";
import type { WebhookWithBody } from "../ledger/ledger.ts";
import { actOnAll, cameTo, count, requireFinished, tally } from "./bulk.ts";
import { byOf, note, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { noteWhyNothing, noteWithoutService, withKit } from "./kit.ts";
import { moment, oneOf } from "./options.ts";
import { allOf } from "./pages.ts";
import { sayTable } from "./table.ts";

const PAGE = 200;
/** Those that have no delivery yet: whatever else is replayed is found to be there already. */
const WITHOUT_DELIVERY = ["ignored", "quarantined"] as const satisfies readonly WebhookStatus[];

interface Options {
  since?: UnixMs;
  until?: UnixMs;
  status?: WebhookStatus;
  store?: string;
  dryRun?: true;
  json?: true;
}

export function addReplay(webhooks: Command, cli: Cli): void {
  webhooks
    .command("replay [id]")
    .description(
      "reads a kept webhook once more, or all of a span of time; an order that has a delivery gets no second one",
    )
    .option("--since <time>", "received since: 2026-11-03T12:00Z, or an age such as 2h", moment(cli.clock))
    .option("--until <time>", "received until", moment(cli.clock))
    .option(
      "--status <status>",
      `only of this status; ${WITHOUT_DELIVERY.join(" and ")} ones unless given`,
      oneOf(WEBHOOK_STATUSES),
    )
    .option("--store <name>", "of this store")
    .option("--dry-run", "only count them")
    .option("--json", "as JSON")
    .action(async (id: string | undefined, options: Options) => {
      const { json, ...many } = options;
      if (id === undefined) return replayAll(cli, options);
      if (Object.keys(many).length > 0) throw new WrongUsage("give an id, or --since and --until, not both");
      return replayOne(cli, id, json === true);
    });
}

/** @throws `not_found` */
export async function findWebhook({ ledger }: Kit, id: string): Promise<WebhookWithBody> {
  const webhook = await ledger.findWebhook(id.toUpperCase());
  if (webhook === null) {
    throw new RelayError("not_found", `no webhook ${id}; look with: relay webhooks list`);
  }
  return webhook;
}

async function replayOne(cli: Cli, id: string, json: boolean): Promise<void> {
  await withKit(cli, async (kit) => {
    const webhook = await findWebhook(kit, id);
    const result = await kit.relay.replay(webhook.id, byOf(cli));
    if (json) sayJson(cli, receiptJson(result));
    else {
      const why = result.reason === null ? "" : `: ${cleanLine(result.reason)}`;
      const delivery = result.delivery_id === null ? "" : `, delivery ${result.delivery_id}`;
      say(cli, `${result.webhook_id} is ${result.status}${why}${delivery}`);
    }
    if (result.status === "accepted") await noteWithoutService(cli, kit);
  });
}

interface Meant {
  id: string;
  store: string;
  status: WebhookStatus;
}

async function replayAll(cli: Cli, { dryRun, json, ...filter }: Options): Promise<void> {
  if (filter.since === undefined || filter.until === undefined) {
    throw new WrongUsage("give the id of a webhook, or --since <time> and --until <time>");
  }
  await withKit(cli, async (kit) => {
    const meant = await find(kit, filter);
    if (meant.length === 0) await noteWhyNothing(cli, kit, filter);
    if (dryRun) {
      if (json) sayJson(cli, { dry_run: true, matched: meant.length, by: groupsOf(meant) });
      else sayMeant(cli, meant);
      return;
    }
    if (!json && meant.length > 0)
      note(cli, `replaying ${count(meant.length)} webhooks, oldest first; Ctrl-C stops`);
    const by = byOf(cli);
    const result = await actOnAll(cli, {
      ids: meant.map(({ id }) => id),
      act: async (id) => (await kit.relay.replay(id, by)).status,
      done: "replayed",
    });
    if (json) sayJson(cli, { dry_run: false, ...result });
    else say(cli, `${count(meant.length)} webhooks came to: ${cameTo(result)}`);
    if ((result.came_to.accepted ?? 0) > 0) await noteWithoutService(cli, kit);
    requireFinished(result);
  });
}

async function find(kit: Kit, { status, ...filter }: Omit<Options, "dryRun" | "json">): Promise<Meant[]> {
  const meant: Meant[] = [];
  for (const one of status === undefined ? WITHOUT_DELIVERY : [status]) {
    const found = await allOf(
      (after) => kit.ledger.searchWebhooks({ ...filter, status: one, limit: PAGE, ...after }),
      ({ id, store }): Meant => ({ id, store, status: one }),
    );
    meant.push(...found);
  }
  return meant.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function groupsOf(meant: readonly Meant[]) {
  const groups = tally(meant, ({ store, status }) => ({ store, status }));
  return groups.map(({ group, many }) => ({ ...group, webhooks: many }));
}

function sayMeant(cli: Cli, meant: readonly Meant[]): void {
  if (meant.length === 0) return say(cli, "would replay nothing: no webhook matches");
  const columns = [{ header: "store", min: 8, wraps: true }, { header: "status" }, { header: "webhooks" }];
  const rows = groupsOf(meant).map(({ store, status, webhooks }) => [store, status, count(webhooks)]);
  sayTable(cli, columns, rows);
  say(cli, `would replay ${count(meant.length)} webhooks`);
}
