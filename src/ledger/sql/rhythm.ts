import type { UnixMs } from "../../core/time.ts";
import type { Rhythm } from "../alert-ledger.ts";
import type { Webhook } from "../ledger.ts";
import { firstIdAt } from "./id-time.ts";
import { prepare, type Work } from "./statement.ts";

/**
 * @returns `Ledger.rhythmOf`: from mark to mark by the index on store and id, so that a store with a million webhooks
 *   costs no more than one with fifty. What the relay fetched itself is stepped over, once for all marks: each silence
 *   is looked for but once
 */
export function createRhythms(): (store: string, marks: readonly UnixMs[], limit: number) => Work<Rhythm> {
  const beside = (sign: "<" | ">=", order: "ASC" | "DESC") =>
    prepare<[string, string], Heard>(
      `SELECT id, received_at FROM webhooks INDEXED BY webhooks_by_store
       WHERE store = ? AND id ${sign} ? AND origin = 'webhook' ORDER BY id ${order} LIMIT 1`,
    );
  const before = beside("<", "DESC");
  const after = beside(">=", "ASC");
  const count = prepare<[string, string, number], number>(
    `SELECT count(*) FROM (
         SELECT 1 FROM webhooks INDEXED BY webhooks_by_store WHERE store = ? AND id >= ? AND origin = 'webhook'
         LIMIT ?) AS counted`,
  ).pluck();
  return function* (store, marks, limit) {
    const silences: Rhythm["silences"] = [];
    /** With which the silence around the last mark ended. */
    let end = "";
    for (const id of marks.map(firstIdAt)) {
      if (id <= end) continue;
      const until = yield* after.get(store, id);
      if (until === undefined) break;
      end = until.id;
      const from = yield* before.get(store, id);
      if (from !== undefined) silences.push({ from: from.received_at, until: until.received_at });
    }
    return {
      webhooks: (yield* count.get(store, firstIdAt(marks[0] ?? 0), limit)) ?? 0,
      last_at: (yield* before.get(store, AFTER_ALL))?.received_at ?? null,
      silences,
    };
  };
}

type Heard = Pick<Webhook, "id" | "received_at">;

/** After every ULID. */
const AFTER_ALL = "~";
