import { MINUTE_MS, toRfc3339, type UnixMs } from "../../core/time.ts";
import type { NewDelivery, Restored } from "../ledger.ts";
import type { Driver } from "./driver.ts";
import { alone, prepare, type Work } from "./statement.ts";

/**
 * A ledger that was put back from a backup does not know what has printed since: whatever it would still send may
 * be a second slip, and so may an order that it has never heard of.
 */
export interface RestoredLedger {
  /** Marks some of what may have printed. Run inside the group commit. @returns how many; null: nothing was lost */
  markSome(now: UnixMs): Work<number | null>;
  /**
   * Ends it. Run inside the group commit.
   * @param marked how many were, until now
   * @param forgetAgain what was forgotten after the backup
   */
  takeUp(now: UnixMs, marked: number, forgetAgain: (now: UnixMs) => Work<number>): Work<Restored | null>;
  /**
   * Whether a failover has lost something that is still to be taken up: what would go out now may have printed, and is
   * not marked yet. SQLite's is taken up before anything is sent.
   */
  isAwaited(): Work<boolean>;
  /** Whether the lost ledger may have printed this new delivery. */
  mayBeRepeat(delivery: Pick<NewDelivery, "kind" | "cancelled_at" | "created_at">): Work<boolean>;
}

/** Written into every backup (backup.ts), and by whoever finds a server that has lost something, in Unix milliseconds. */
export const BACKUP_AT = "backup_at";
/** When a service took up a restored ledger. */
const RESTORED_AT = "restored_at";

/** Stores' clocks are not ours. */
const CLOCKS_APART_MS = 5 * MINUTE_MS;
/** A cancellation without its time may be of before for as long as stores send again. */
const RESENT_FOR_MS = 48 * 60 * MINUTE_MS;

/** All that may still be sent, also by an operator. */
const MAY_BE_SENT = "state IN ('verifying', 'pending', 'sending', 'dead', 'void') AND may_be_repeat = 0";

export function createRestoredLedger(): RestoredLedger {
  const MOMENT = "SELECT value FROM meta WHERE key = ?";
  const read = prepare<[string], string>(MOMENT).pluck();
  const readAndLock = prepare<[string], string>(MOMENT, `${MOMENT} FOR UPDATE`).pluck();
  const write = prepare<[string, string]>(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const forget = prepare<[string]>("DELETE FROM meta WHERE key = ?");
  const awaited = prepare<[string]>(null, MOMENT);
  const tellAndMark = createTellAndMark();
  /**
   * Until when things may have happened that this ledger does not know; before it is taken up there is no end.
   * Undefined: not read yet.
   */
  let unknownUntil: UnixMs | null | undefined;

  function* readUnknownUntil(): Work<UnixMs | null> {
    return momentOf(yield* read.get(BACKUP_AT)) === null ? momentOf(yield* read.get(RESTORED_AT)) : Infinity;
  }

  function* readBackupAt(): Work<UnixMs | null> {
    const backupAt = momentOf(yield* readAndLock.get(BACKUP_AT));
    // Another relay may have taken it up since it was read, or found only now that something is lost.
    unknownUntil = backupAt === null ? undefined : Infinity;
    return backupAt;
  }

  return {
    *markSome(now) {
      const backupAt = yield* readBackupAt();
      if (backupAt === null) return null;
      yield* alone();
      return yield* tellAndMark(now, backupAt);
    },
    *takeUp(now, marked, forgetAgain) {
      const backupAt = yield* readBackupAt();
      if (backupAt === null) return null;
      yield* alone();
      // What has come meanwhile.
      const last = yield* tellAndMark(now, backupAt);
      yield* write.put(RESTORED_AT, String(now));
      yield* forget.put(BACKUP_AT);
      unknownUntil = now;
      return { backup_at: backupAt, marked: marked + last, forgotten: yield* forgetAgain(now) };
    },
    *isAwaited() {
      return (yield* awaited.get(BACKUP_AT)) !== undefined;
    },
    *mayBeRepeat({ kind, cancelled_at, created_at }) {
      if (kind !== "cancellation") return false;
      if (unknownUntil === undefined) unknownUntil = yield* readUnknownUntil();
      if (unknownUntil === null) return false;
      return cancelled_at === null
        ? created_at <= unknownUntil + RESENT_FOR_MS
        : cancelled_at <= unknownUntil + CLOCKS_APART_MS;
    },
  };
}

export async function takeUpInParts(
  { write }: Pick<Driver, "write">,
  { markSome, takeUp }: Pick<RestoredLedger, "markSome" | "takeUp">,
  forgetAgain: (now: UnixMs) => Work<number>,
  now: UnixMs,
): Promise<Restored | null> {
  for (let marked = 0; ;) {
    const some = await write(() => markSome(now));
    if (some === null) return null;
    if (some === 0) return write(() => takeUp(now, marked, forgetAgain));
    marked += some;
  }
}

/** In one transaction: a statement on all that was ever `void` takes longer than one may. */
const MARKED_AT_ONCE_MAX = 10_000;

interface Told {
  now: UnixMs;
  note: string;
}

/** @returns what marks some of those that may be sent, and tells each why; how many there were */
function createTellAndMark(): (now: UnixMs, backupAt: UnixMs) => Work<number> {
  const SOME = `SELECT seq FROM deliveries WHERE ${MAY_BE_SENT} LIMIT ${MARKED_AT_ONCE_MAX}`;
  const TELL = `
    INSERT INTO history (delivery_seq, at, state, by, note)
    SELECT seq, :now, state, 'relay', :note FROM`;
  const MARK = "UPDATE deliveries SET may_be_repeat = 1";
  const tell = prepare<Told>(`${TELL} deliveries WHERE seq IN (${SOME})`, null);
  const mark = prepare<Told>(
    `${MARK} WHERE seq IN (${SOME})`,
    `WITH chosen AS (${SOME.replace("seq", "seq, state")} FOR UPDATE), told AS (${TELL} chosen)
     ${MARK} FROM chosen WHERE deliveries.seq = chosen.seq`,
  );
  return function* (now, backupAt) {
    const note = `the ledger was restored from a backup of ${toRfc3339(backupAt)}: it may have printed since`;
    yield* tell.put({ now, note });
    return yield* mark.run({ now, note });
  };
}

function momentOf(value: string | undefined): UnixMs | null {
  return value === undefined ? null : Number(value);
}
