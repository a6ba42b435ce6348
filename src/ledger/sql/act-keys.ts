import { createHash } from "node:crypto";
import { RelayError } from "../../core/errors.ts";
import { ACT_KEYS_KEPT_DAYS } from "../../core/retention.ts";
import { DAY_MS, type UnixMs } from "../../core/time.ts";
import type { ActKey, ActResult } from "../ledger.ts";
import { prepare, type Work } from "./statement.ts";

/** Which acts were done under which key. `open` and `remember` are run inside the group commit, around the act. */
export interface ActKeys {
  /** @throws `repeated` when the key has its act already, `key_reused` when that was another */
  open(once: ActKey | undefined, now: UnixMs): Work<void>;
  /**
   * Decides between two that have found the key open: the second waits here until the first has committed.
   * @throws as `open`, so that all it has done is undone
   */
  remember(once: ActKey | undefined, result: ActResult, now: UnixMs): Work<void>;
  /** @throws `key_reused` */
  find(once: ActKey, now: UnixMs): Work<ActResult | null>;
  /** Takes a few of those away that are too old. */
  forget(now: UnixMs): Work<void>;
}

/** At every act, so that there are never many more than were used in the days they are kept. */
const FORGOTTEN_AT_ONCE_MAX = 100;

export function createActKeys(): ActKeys {
  const read = prepare<[Buffer, UnixMs], { request_hash: Buffer; result: string }>(
    "SELECT request_hash, result FROM act_keys WHERE key_hash = ? AND done_at >= ?",
  );
  const write = prepare<[Buffer, Buffer, string, UnixMs, UnixMs]>(`
    INSERT INTO act_keys (key_hash, request_hash, result, done_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key_hash) DO UPDATE
    SET request_hash = excluded.request_hash, result = excluded.result, done_at = excluded.done_at
    WHERE act_keys.done_at < ?`);
  const forget = prepare<[UnixMs, number]>(
    "DELETE FROM act_keys WHERE key_hash IN (SELECT key_hash FROM act_keys WHERE done_at < ? ORDER BY done_at LIMIT ?)",
  );
  const since = (now: UnixMs): UnixMs => now - ACT_KEYS_KEPT_DAYS * DAY_MS;

  const keys: ActKeys = {
    *find({ key, request }, now) {
      const row = yield* read.get(hashOf(key), since(now));
      if (row === undefined) return null;
      if (!row.request_hash.equals(hashOf(request))) {
        throw new RelayError("key_reused", "this Idempotency-Key was used for another act: make a new one");
      }
      return JSON.parse(row.result) as ActResult;
    },
    *open(once, now) {
      if (once === undefined || (yield* keys.find(once, now)) === null) return;
      throw repeated();
    },
    *remember(once, result, now) {
      if (once === undefined) return;
      yield* keys.forget(now);
      const row = [hashOf(once.key), hashOf(once.request), JSON.stringify(result), now] as const;
      if ((yield* write.run(...row, since(now))) > 0) return;
      yield* keys.open(once, now);
      throw repeated();
    },
    forget: (now) => forget.put(since(now), FORGOTTEN_AT_ONCE_MAX),
  };
  return keys;
}

function repeated(): RelayError {
  return new RelayError("repeated", "the act of this Idempotency-Key is done or under way: ask again");
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
