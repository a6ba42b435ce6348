import { ALERT_OF_ATTENTION, GATHERED_QUIET_MS, OPEN_MS_MAX, type AlertType } from "../../core/alert.ts";
import type { Attention } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import { isKnown, SELECT_ALERT, type AlertRow } from "./alert-rows.ts";
import type { AlertWriter } from "./alerts.ts";
import { prepare, type Work } from "./statement.ts";

/** Closes what nobody's change closes. */
export interface AlertSweep {
  isAny(now: UnixMs): Work<boolean>;
  /** Run inside the group commit. @returns how many */
  sweep(now: UnixMs): Work<number>;
}

interface End {
  ended: string;
  /** Its end is worth no message. */
  quiet: boolean;
}

const OF_ONE_ORDER: readonly AlertType[] = [...Object.values(ALERT_OF_ATTENTION), "webhook.quarantined"];
/** Of no use to anybody when they are old. */
const GROW_OLD: readonly AlertType[] = [...OF_ONE_ORDER, "ledger.lost"];
const ATTENTION_OF = Object.fromEntries(
  Object.entries(ALERT_OF_ATTENTION).map(([attention, type]) => [type, attention]),
) as Partial<Record<AlertType, Attention>>;

export function createAlertSweep(writer: Pick<AlertWriter, "close">): AlertSweep {
  const OPEN = `${SELECT_ALERT} WHERE closed_at IS NULL`;
  const open = prepare<[], AlertRow>(OPEN);
  // Or another relay could count one more in while this one finds that none is left.
  const openLocked = prepare<[], AlertRow>(OPEN, `${OPEN} ORDER BY seq FOR UPDATE`);
  const isAnyLeft = createIsAnyLeft();
  const undone = prepare<[], 1>("SELECT 1 FROM erasures WHERE done_at IS NULL LIMIT 1").pluck();

  function* endOf(row: AlertRow, now: UnixMs): Work<End | null> {
    if (GROW_OLD.includes(row.type) && now - row.raised_at > OPEN_MS_MAX) {
      return { ended: "nobody has settled it, and by now it is of no use", quiet: true };
    }
    // Also by a command, of which no service hears.
    if (row.type === "erasure.undone" && (yield* undone.get()) === undefined) {
      return { ended: "it is", quiet: false };
    }
    if (row.gathered === 0) return null;
    if (OF_ONE_ORDER.includes(row.type))
      return (yield* isAnyLeft(row)) ? null : { ended: "all of them are settled", quiet: false };
    const isQuiet = now - row.latest_at > GATHERED_QUIET_MS;
    return isQuiet ? { ended: "for an hour no further one came", quiet: false } : null;
  }

  function* endsOf(rows: readonly AlertRow[], now: UnixMs): Work<(End & { matter: string })[]> {
    const ends: (End & { matter: string })[] = [];
    for (const row of rows) {
      const end = isKnown(row) ? yield* endOf(row, now) : null;
      if (end !== null) ends.push({ matter: row.matter, ...end });
    }
    return ends;
  }

  return {
    *isAny(now) {
      return (yield* endsOf(yield* open.all(), now)).length > 0;
    },
    *sweep(now) {
      const ends = yield* endsOf(yield* openLocked.all(), now);
      for (const { matter, ended, quiet } of ends)
        yield* writer.close(matter, now, ended, quiet ? "untold" : "told");
      return ends.length;
    },
  };
}

/** Whether any of those that a gathered alert counts is still as it was; INDEXED BY, or all of them would be read. */
function createIsAnyLeft(): (row: AlertRow) => Work<boolean> {
  const isQuarantined = prepare<[string, string], 1>(
    "SELECT 1 FROM webhooks WHERE status = 'quarantined' AND id BETWEEN ? AND ? LIMIT 1",
  ).pluck();
  const needsAttention = prepare<[string, string, string], 1>(
    `SELECT 1 FROM deliveries INDEXED BY deliveries_attention
       WHERE attention IS NOT NULL AND id BETWEEN ? AND ? AND attention = ? LIMIT 1`,
  ).pluck();
  return function* ({ type, first_id, last_id }) {
    if (first_id === null || last_id === null) return false;
    const attention = ATTENTION_OF[type];
    if (attention !== undefined) return (yield* needsAttention.get(first_id, last_id, attention)) === 1;
    return (yield* isQuarantined.get(first_id, last_id)) === 1;
  };
}
