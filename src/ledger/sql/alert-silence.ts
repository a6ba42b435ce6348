import { ALERT_KINDS, type AlertFacts } from "../../core/alert.ts";
import type { UnixMs } from "../../core/time.ts";

import { prepare, type Work } from "./statement.ts";

/**
 * A store whose API does not take the relay's token lets every one of its orders wait: that is one matter and told once.
 * The orders' own alerts stand open all the same, and are told only if they outlast it.
 */
export interface AlertSilence {
  /** After this one was raised. */
  raised(alert: Pick<AlertFacts, "type" | "store" | "matter">): Work<void>;
  /** After that matter was closed. */
  closed(alert: Pick<AlertFacts, "type" | "store">, at: UnixMs): Work<void>;
}

const OF_STORE = "api.refused";
const OF_ORDER = "delivery.unverified";

export function createAlertSilence(): AlertSilence {
  const IS_REFUSED = "SELECT 1 FROM alerts WHERE matter = ? AND closed_at IS NULL";
  // Closed by another relay at this moment, it would never let this one speak again.
  const isRefused = prepare<[string], 1>(IS_REFUSED, `${IS_REFUSED} FOR SHARE`).pluck();
  const silenceOne = prepare<[string]>(
    "UPDATE alerts SET tell_at = NULL WHERE matter = ? AND closed_at IS NULL AND told_at IS NULL",
  );
  const ofStore = `type = '${OF_ORDER}' AND store = :store AND closed_at IS NULL AND told_at IS NULL`;
  const silence = prepare<{ store: string }>(`UPDATE alerts SET tell_at = NULL WHERE ${ofStore}`);
  const resume = prepare<{ store: string; tell_at: UnixMs }>(
    `UPDATE alerts SET tell_at = :tell_at WHERE ${ofStore}`,
  );
  return {
    *raised({ type, store, matter }) {
      if (store === null) return;
      if (type === OF_STORE) yield* silence.put({ store });
      if (type === OF_ORDER && (yield* isRefused.get(`${OF_STORE} ${store}`)) === 1)
        yield* silenceOne.put(matter);
    },
    *closed({ type, store }, at) {
      if (store === null || type !== OF_STORE) return;
      yield* resume.put({ store, tell_at: at + ALERT_KINDS[OF_ORDER].tell_after_ms });
    },
  };
}
