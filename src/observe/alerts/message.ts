import { reprintIn } from "../../core/alert-reason.ts";
import { alertPath, alertText, ALERT_KINDS, GATHER_AFTER, lasted, type Alert } from "../../core/alert.ts";
import { toRfc3339, type UnixMs } from "../../core/time.ts";

/** What goes out, in Standard Webhooks' form. Nothing in it is a secret or a buyer's. */
export interface MessageBody {
  /** The alert's type; with `.closed` behind it when it is over. */
  type: string;
  timestamp: string;
  /** All of it in words, with a link at its end, so that a person needs nothing else. */
  text: string;
  data: Record<string, unknown>;
}

/** Alerts of one type and one state that are told in one message. */
export type Group = readonly [Alert, ...Alert[]];

/** Of good news less is wanted. */
const CLOSED_ALONE_MAX = 3;
/** Named one by one in a message about many. */
const NAMED_MAX = 10;

/**
 * What is told again is told once for all of a type; news is told one by one as long as there are few of them.
 * @returns in the order in which they are due
 */
export function groupsOf(alerts: readonly Alert[]): Group[] {
  const alike = new Map<string, [Alert, ...Alert[]]>();
  for (const alert of alerts) {
    const key = `${alert.type} ${kindOf(alert)}`;
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [alert]);
    else group.push(alert);
  }
  return [...alike.values()].flatMap((group): Group[] => {
    return group.length > ALONE_MAX[kindOf(group[0])] ? [group] : group.map((alert): Group => [alert]);
  });
}

const ALONE_MAX = { raised: GATHER_AFTER, repeated: 1, closed: CLOSED_ALONE_MAX } as const;

/** Which news about an alert is due. */
export function kindOf(alert: Alert): "closed" | "repeated" | "raised" {
  return alert.closed_at !== null ? "closed" : alert.told_at === null ? "raised" : "repeated";
}

/** @param slip of the delivery that a single alert is about, without its buyer */
export function messageBody(group: Group, slip: string | null, publicUrl: string, now: UnixMs): MessageBody {
  const [alert] = group;
  const type = alert.closed_at === null ? alert.type : `${alert.type}.closed`;
  const timestamp = toRfc3339(now);
  if (group.length > 1) return { type, timestamp, ...many(group, publicUrl, now) };
  const link = publicUrl + alertPath(alert);
  return { type, timestamp, text: `${words(alert, now)}. ${link}`, data: { ...facts(alert), link, slip } };
}

function words(alert: Alert, now: UnixMs): string {
  switch (kindOf(alert)) {
    case "raised":
      return alert.text;
    case "repeated":
      return `Still so after ${lasted(now - alert.raised_at)}: ${alert.text}`;
    case "closed": {
      const bare = alertText({ ...alert, reason: reprintIn(alert.reason).reprint });
      return `Over after ${lasted((alert.closed_at ?? now) - alert.raised_at)}: ${bare}. Now ${alert.ended ?? "closed"}`;
    }
  }
}

function facts(alert: Alert): Record<string, unknown> {
  return {
    alert: alert.id,
    state: alert.state,
    severity: alert.severity,
    delivery: alert.delivery_id,
    webhook: alert.webhook_id,
    order: alert.order_id,
    order_name: alert.order_name,
    store: alert.store,
    printer: alert.printer,
    reason: alert.reason,
    count: alert.count,
    raised_at: toRfc3339(alert.raised_at),
    closed_at: toRfc3339(alert.closed_at),
    ended: alert.ended,
  };
}

function many(group: Group, publicUrl: string, now: UnixMs): Pick<MessageBody, "text" | "data"> {
  const [{ type, severity, state }] = group;
  const link = `${publicUrl}/`;
  const count = group.reduce((sum, alert) => sum + alert.count, 0);
  const oldest = Math.min(...group.map(({ raised_at }) => raised_at));
  const named = [...new Set(group.map(nameOf))].filter((name) => name !== "");
  const names = named.slice(0, NAMED_MAX).join(", ") + (named.length > NAMED_MAX ? ", …" : "");
  const what = `${count} of ${type} (${ALERT_KINDS[type].what})`;
  const said = state === "closed" ? `Over: ${what}` : `Open: ${what}, the oldest for ${lasted(now - oldest)}`;
  return {
    text: `${said}${names === "" ? "" : `: ${names}`}. ${link}`,
    data: {
      ...{ alerts: group.map(({ id }) => id), state, severity, count, link, slip: null },
      oldest_raised_at: toRfc3339(oldest),
    },
  };
}

function nameOf(alert: Alert): string {
  return alert.order_name ?? alert.order_id ?? alert.store ?? alert.printer ?? "";
}
