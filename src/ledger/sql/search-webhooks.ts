import type { FoundPage, Webhook, WebhookSearch } from "../ledger.ts";
import { SELECT_WEBHOOK, webhookOf, type WebhookRow } from "./rows.ts";
import type { Work } from "./statement.ts";
import { createStatementCache, where } from "./statements.ts";
import { createChooseWay, indexed, LOOKS } from "./ways.ts";

/** @returns `Ledger.searchWebhooks` */
export function createWebhookSearch(): (search: WebhookSearch) => Work<FoundPage<Webhook>> {
  const prepare = createStatementCache<WebhookRow>();
  const choose = createChooseWay("webhooks", LOOKS);
  return function* (search) {
    const { limit, status, store, since, until, after } = search;
    const ways = [
      ...(status === undefined ? [] : [{ index: "webhooks_by_status", condition: "status = :status" }]),
      ...(store === undefined ? [] : [{ index: "webhooks_by_store", condition: "store = :store" }]),
    ];
    const older = after === undefined ? [] : ["id < :after"];
    const { index, end } = yield* choose(ways, older, search);
    const conditions = [
      ...ways.map(({ condition }) => condition),
      ...older,
      ...(end === null ? [] : ["id >= :end"]),
      ...(since === undefined ? [] : ["received_at >= :since"]),
      ...(until === undefined ? [] : ["received_at < :until"]),
    ];
    const sql = `${indexed(SELECT_WEBHOOK, "webhooks", index)}${where(conditions)} ORDER BY id DESC LIMIT :limit`;
    const rows = yield* prepare(sql).all({ ...search, end, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    return { items: shown.map(webhookOf), next: rows.length > limit ? (shown.at(-1)?.id ?? end) : end };
  };
}
