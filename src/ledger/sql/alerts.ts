import {
  ALERT_KINDS,
  ALERT_OF_ATTENTION,
  ALONE_OF_STORE,
  ALONE_OF_TYPE_MAX,
  GATHER_AFTER,
  GATHER_WITHIN_MS,
  gatheredMatter,
  GATHERED_TOLD_AFTER_MS,
  OPEN_MS_MAX,
  OPEN_OF_TYPE_MAX,
  REPEAT_AFTER_MS,
  type Alert,
  type AlertFacts,
} from "../../core/alert.ts";
import { deliveryReason } from "../../core/alert-reason.ts";
import type { Delivery } from "../../core/delivery.ts";
import { cleanLine } from "../../core/text.ts";
import type { UnixMs } from "../../core/time.ts";
import type { NewAlert } from "../alert-ledger.ts";
import type { NewWebhook } from "../ledger.ts";
import { createAlertSilence } from "./alert-silence.ts";
import { alertOf, SELECT_ALERT, type AlertRow } from "./alert-rows.ts";
import { prepare, turn, type Work } from "./statement.ts";

/** Raises and closes; run inside the group commit, mostly in the transaction of what is the cause. */
export interface AlertWriter {
  raise(alert: NewAlert): Work<Alert>;
  /** @returns null when none was open */
  close: RaiseAndClose["close"];
  /** After a change that set or cleared a delivery's `attention`, or printed a slip in another's place. */
  follow(before: Delivery, after: Delivery, at: UnixMs): Work<void>;
  quarantined(webhook: Pick<NewWebhook, "id" | "store" | "received_at">, reason: string | null): Work<void>;
  understood(webhookId: string, at: UnixMs): Work<void>;
}

/** Whether an alert follows from this change; most changes end here, and cost nothing more. */
export function concernsAlerts(before: Delivery, after: Delivery): boolean {
  return before.attention !== after.attention || (after.reprint_of !== null && after.state === "printed");
}

const REASON_CHARS_MAX = 500;

export function createAlertWriter(): AlertWriter {
  const { raise, close } = createRaiseAndClose();
  const reprintsOf = prepare<[string], string>("SELECT id FROM deliveries WHERE reprint_of = ?").pluck();

  /** The kitchen has the order's slip: nobody need look for another that it lacks. */
  function* closeOthers({ id, reprint_of }: Delivery, at: UnixMs): Work<void> {
    const first = reprint_of ?? id;
    const ended = reprint_of === null ? "its first slip was printed" : "a reprint was printed";
    for (const other of [first, ...(yield* reprintsOf.all(first))]) {
      if (other === id) continue;
      for (const type of OF_LOST_SLIPS) yield* close(`${type} ${other}`, at, ended, "told");
    }
  }

  return {
    *raise(alert) {
      return alertOf(yield* raise({ ...alert, reason: cleanLine(alert.reason, REASON_CHARS_MAX) }));
    },
    close,

    *follow(before, after, at) {
      if (before.attention !== after.attention && before.attention !== null) {
        const matter = `${ALERT_OF_ATTENTION[before.attention]} ${after.id}`;
        // What comes in its place is told: its own end would only be noise.
        if (after.attention === null) yield* close(matter, at, endOf(before, after), "told");
        else yield* close(matter, at, `now ${ALERT_OF_ATTENTION[after.attention]}`, "untold");
      }
      if (after.state === "printed" && before.state !== "printed") yield* closeOthers(after, at);
      if (after.attention === null || before.attention === after.attention) return;
      const type = ALERT_OF_ATTENTION[after.attention];
      yield* raise({
        type,
        matter: `${type} ${after.id}`,
        delivery_id: after.id,
        webhook_id: null,
        order_id: after.order_id,
        order_name: after.order_name,
        store: after.store,
        printer: after.printer,
        reason: cleanLine(deliveryReason(after), REASON_CHARS_MAX),
        raised_at: at,
      });
    },

    *quarantined({ id, store, received_at }, reason) {
      const nothing = { delivery_id: null, order_id: null, order_name: null, printer: null };
      yield* raise({
        ...nothing,
        type: "webhook.quarantined",
        matter: `webhook.quarantined ${id}`,
        webhook_id: id,
        store,
        reason: cleanLine(reason ?? "", REASON_CHARS_MAX),
        raised_at: received_at,
      });
    },
    *understood(webhookId, at) {
      yield* close(`webhook.quarantined ${webhookId}`, at, "it was read again and understood", "told");
    },
  };
}

function endOf(before: Delivery, after: Delivery): string {
  const isVerified = before.attention === "verify_failing" && after.state === "pending";
  return isVerified ? "it waits for the store's API no longer, and goes out" : ENDED_BY[after.state];
}

/** What another slip of the order that comes out makes good. */
const OF_LOST_SLIPS = [
  "delivery.dead",
  "delivery.held",
  "delivery.unconfirmed",
  "delivery.rejected",
] as const;

/** The state in which nobody needs to look at a delivery any more, in words. */
const ENDED_BY: Record<Delivery["state"], string> = {
  printed: "it was printed",
  accepted: "the cloud has accepted it",
  pending: "it is sent again",
  sending: "it is sent again",
  verifying: "the store's API is asked again",
  void: "the store's API has answered, and no slip is due",
  rejected: "the staff refused it at the printer",
  dead: "it is dead",
};

/** Whether one stands alone or is counted with others is decided by what stands there: by one at a time. */
function* lockAlerts(): Work<void> {
  yield* turn("alerts");
  yield* alertsLock.get();
}
const alertsLock = prepare(null, "SELECT 1 FROM meta WHERE key = 'alerts' FOR UPDATE");

interface RaiseAndClose {
  raise: (alert: NewAlert) => Work<AlertRow>;
  close: (matter: string, at: UnixMs, ended: string, end: "told" | "untold") => Work<Alert | null>;
}

function createRaiseAndClose(): RaiseAndClose {
  const OPEN = `${SELECT_ALERT} WHERE matter = ? AND closed_at IS NULL`;
  const open = prepare<[string], AlertRow>(OPEN, `${OPEN} FOR UPDATE`);
  const END_UNTOLD =
    "SELECT seq FROM alerts WHERE tell_at IS NOT NULL AND matter = ? AND closed_at IS NOT NULL ORDER BY seq DESC LIMIT 1";
  const endUntold = prepare<[string], number>(END_UNTOLD, `${END_UNTOLD} FOR UPDATE`).pluck();
  const reopen = prepare<object>(
    "UPDATE alerts SET closed_at = NULL, ended = NULL, tell_at = :tell_at, reason = :reason WHERE seq = :seq",
  );
  const endRow = prepare<object>(
    "UPDATE alerts SET closed_at = :at, ended = :ended, tell_at = :tell_at WHERE seq = :seq",
  );
  const insert = createInsert();
  const silence = createAlertSilence();
  const crowd = createCrowd(insert);

  function* require(matter: string): Work<AlertRow> {
    const row = yield* open.get(matter);
    if (row === undefined) throw new Error(`alert ${matter} has gone`);
    return row;
  }

  return {
    *raise(alert) {
      yield* lockAlerts();
      const { type, matter, raised_at, told_at = null } = alert;
      const standing = yield* open.get(matter);
      if (standing !== undefined) return standing;
      const seq = yield* endUntold.get(matter);
      const firstRepeatMs = REPEAT_AFTER_MS[0] ?? 0;
      if (seq !== undefined) {
        yield* reopen.put({ seq, tell_at: raised_at + firstRepeatMs, reason: alert.reason });
        return yield* require(matter);
      }
      if (yield* crowd.isThere(alert)) return yield* require(yield* crowd.join(alert));
      const { tell_after_ms } = ALERT_KINDS[type];
      const first = tell_after_ms === null ? null : raised_at + tell_after_ms;
      const tell_at = told_at === null ? first : told_at + firstRepeatMs;
      const alone = { first_id: null, last_id: null, gathered: 0 } as const;
      yield* insert({ ...alert, ...alone, tell_at, told_at, told_times: told_at === null ? 0 : 1 });
      yield* silence.raised(alert);
      return yield* require(matter);
    },

    *close(matter, closedAt, ended, end) {
      yield* lockAlerts();
      const row = yield* open.get(matter);
      if (row === undefined) return null;
      // A clock may have been set back since.
      const at = Math.max(closedAt, row.raised_at);
      // What nobody was told of ends without a word.
      const isTold = end === "told" && row.told_at !== null;
      const tell_at = isTold ? at + ALERT_KINDS[row.type].calm_ms : null;
      yield* endRow.put({ seq: row.seq, at, ended, tell_at });
      yield* silence.closed(row, at);
      return alertOf({ ...row, closed_at: at, ended });
    },
  };
}

type NewRow = AlertFacts &
  Pick<AlertRow, "first_id" | "last_id" | "gathered" | "raised_at" | "tell_at" | "told_at" | "told_times">;

function createInsert(): (row: NewRow) => Work<void> {
  const insert = prepare<object>(`
    INSERT INTO alerts (type, matter, delivery_id, webhook_id, order_id, order_name, store, printer, reason, first_id,
      last_id, gathered, raised_at, latest_at, tell_at, told_at, told_times)
    VALUES (:type, :matter, :delivery_id, :webhook_id, :order_id, :order_name, :store, :printer, :reason, :first_id,
      :last_id, :gathered, :raised_at, :raised_at, :tell_at, :told_at, :told_times)`);
  return (row) => insert.put(row);
}

/**
 * Those of one type that are too many to stand alone: after an outage twenty thousand may be dead at once. Of each store
 * the first few stand alone all the same, or what one store floods with would hide what another is to be told.
 */
interface Crowd {
  isThere(alert: NewAlert): Work<boolean>;
  /** @returns the matter that counts it from now on */
  join(alert: NewAlert): Work<string>;
}

function createCrowd(insert: (row: NewRow) => Work<void>): Crowd {
  const raisedLately = prepare<[string, UnixMs], number>(
    "SELECT count(*) FROM alerts WHERE type = ? AND raised_at > ? AND gathered = 0",
  ).pluck();
  const openOfType = prepare<[string, number], number>(
    "SELECT count(*) FROM (SELECT 1 FROM alerts WHERE type = ? AND closed_at IS NULL LIMIT ?) AS counted",
  ).pluck();
  const ownOfType = prepare<[string, string, UnixMs, UnixMs], number>(
    `SELECT count(*) FROM alerts
       WHERE type = ? AND store = ? AND gathered = 0 AND raised_at > ? AND (closed_at IS NULL OR raised_at > ?)`,
  ).pluck();
  const COUNT = `
    UPDATE alerts SET count = count + 1, latest_at = :raised_at, first_id = min(first_id, :id), last_id = max(last_id, :id)
    WHERE matter = :matter AND closed_at IS NULL`;
  const count = prepare<object>(COUNT, COUNT.replace("min(", "least(").replace("max(", "greatest("));
  const nobody = { delivery_id: null, webhook_id: null, order_id: null, order_name: null };
  const untold = { told_at: null, told_times: 0 };
  return {
    *isThere({ type, store, raised_at }) {
      const since = raised_at - GATHER_WITHIN_MS;
      const open = (yield* openOfType.get(type, ALONE_OF_TYPE_MAX)) ?? 0;
      const isMany =
        open >= OPEN_OF_TYPE_MAX || ((yield* raisedLately.get(type, since)) ?? 0) >= GATHER_AFTER;
      if (!isMany || store === null || open >= ALONE_OF_TYPE_MAX) return isMany;
      const own = yield* ownOfType.get(type, store, raised_at - OPEN_MS_MAX, since);
      return (own ?? 0) >= ALONE_OF_STORE;
    },
    *join({ type, raised_at, delivery_id, webhook_id }) {
      const matter = gatheredMatter(type);
      const id = delivery_id ?? webhook_id ?? "";
      if ((yield* count.run({ matter, id, raised_at })) > 0) return matter;
      const many = {
        gathered: 1,
        first_id: id,
        last_id: id,
        tell_at: raised_at + GATHERED_TOLD_AFTER_MS,
      } as const;
      yield* insert({
        ...nobody,
        ...untold,
        ...many,
        type,
        matter,
        store: null,
        printer: null,
        reason: "",
        raised_at,
      });
      return matter;
    },
  };
}
