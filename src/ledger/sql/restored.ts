import type { Database } from "better-sqlite3";
import { MINUTE_MS, toRfc3339, type UnixMs } from "../../core/time.ts";
import type { NewDelivery, Restored } from "../ledger.ts";

/**
 * A ledger that was put back from a backup does not know what has printed since: whatever it would still send may
 * be a second slip, and so may an order that it has never heard of.
 */
export interface RestoredLedger {
  /** Run inside the group commit. @param forgetAgain what was forgotten after the backup */
  takeUp(now: UnixMs, forgetAgain: (now: UnixMs) => number): Restored | null;
  /** Whether the lost ledger may have printed this new delivery. */
  mayBeRepeat(delivery: Pick<NewDelivery, "kind" | "cancelled_at" | "created_at">): boolean;
}

/** Written into every backup (backup.ts), in Unix milliseconds. */
export const BACKUP_AT = "backup_at";
/** When a service took up a restored ledger. */
const RESTORED_AT = "restored_at";

/** Stores' clocks are not ours. */
const CLOCKS_APART_MS = 5 * MINUTE_MS;
/** A cancellation without its time may be of before for as long as stores send again. */
const RESENT_FOR_MS = 48 * 60 * MINUTE_MS;

/** All that may still be sent, also by an operator. */
const MAY_BE_SENT = "state IN ('verifying', 'pending', 'sending', 'dead', 'void') AND may_be_repeat = 0";

export function createRestoredLedger(db: Database): RestoredLedger {
  const read = db.prepare<[string], string>("SELECT value FROM meta WHERE key = ?").pluck();
  const write = db.prepare(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const forget = db.prepare<[string]>("DELETE FROM meta WHERE key = ?");
  const tell = db.prepare<{ now: UnixMs; note: string }>(`
    INSERT INTO history (delivery_seq, at, state, by, note)
    SELECT seq, :now, state, 'relay', :note FROM deliveries WHERE ${MAY_BE_SENT}`);
  const mark = db.prepare<[]>(`UPDATE deliveries SET may_be_repeat = 1 WHERE ${MAY_BE_SENT}`);
  const momentOf = (key: string): UnixMs | null => {
    const value = read.get(key);
    return value === undefined ? null : Number(value);
  };
  /** Until when things may have happened that this ledger does not know; before it is taken up there is no end. */
  let unknownUntil = momentOf(BACKUP_AT) === null ? momentOf(RESTORED_AT) : Infinity;

  return {
    takeUp(now, forgetAgain) {
      const backupAt = momentOf(BACKUP_AT);
      if (backupAt === null) return null;
      const note = `the ledger was restored from a backup of ${toRfc3339(backupAt)}: it may have printed since`;
      tell.run({ now, note });
      const { changes } = mark.run();
      write.run(RESTORED_AT, String(now));
      forget.run(BACKUP_AT);
      unknownUntil = now;
      return { backup_at: backupAt, marked: changes, forgotten: forgetAgain(now) };
    },
    mayBeRepeat({ kind, cancelled_at, created_at }) {
      if (unknownUntil === null || kind !== "cancellation") return false;
      return cancelled_at === null
        ? created_at <= unknownUntil + RESENT_FOR_MS
        : cancelled_at <= unknownUntil + CLOCKS_APART_MS;
    },
  };
}
