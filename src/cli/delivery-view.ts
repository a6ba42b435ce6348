import type { Kit } from "../kit.ts";
import { otherSlipsOf } from "../answers/other-slips.ts";
import { dayTimeText, zonesOf, type Viewpoint } from "../answers/moments.ts";
import { outagesNow } from "../answers/outages.ts";
import { verdictOf } from "../answers/verdict.ts";
import { hadLastTry, isHeld } from "../core/decide.ts";
import type { Delivery, DeliveryState } from "../core/delivery.ts";
import { RelayError } from "../core/errors.ts";
import { cleanLine } from "../core/text.ts";
import { offsetText, type UnixMs } from "../core/time.ts";
import { ORIGIN_WORDS } from "../core/webhook.ts";
import type { AttemptRecord, DeliveryDetail, Webhook } from "../ledger/ledger.ts";
import { slipText } from "../slip/slip.ts";
import { paint, say, type Cli } from "./cli.ts";
import type { Found } from "./find-delivery.ts";
import { settingsToShow } from "./kit.ts";
import { sayPaper } from "./paper.ts";
import { sayTable } from "./table.ts";

const STATE_STYLES = {
  verifying: "cyan",
  pending: "yellow",
  sending: "yellow",
  accepted: "blue",
  printed: "green",
  rejected: "magenta",
  dead: "red",
  void: "dim",
} as const satisfies Record<DeliveryState, string>;

export function stateStyle(state: DeliveryState): (typeof STATE_STYLES)[DeliveryState] {
  return STATE_STYLES[state];
}

/** Of the attempts: what came of the newest is what is asked for. */
const ATTEMPTS_MAX = 20;

/**
 * One delivery for a person: the answer, facts, attempts, what the printer said, history, and the slip as paper. Times
 * are the printer's, as on the slip.
 */
export async function showDelivery(cli: Cli, kit: Kit, { detail, others, unread }: Found): Promise<void> {
  const { delivery } = detail;
  const viewpoint = await viewpointOf(cli, kit, delivery);
  const { zone } = viewpoint;
  const slips = (await otherSlipsOf(kit.ledger, [delivery]))(delivery);
  const answer = answerLines(delivery, { ...viewpoint, named: true }, slips);
  for (const line of answer) say(cli, line);
  const also = [...slips, ...others.filter(({ id }) => slips.every((slip) => slip.id !== id))];
  for (const other of also) say(cli, `${"also".padEnd(11)}${alsoText(other)}`);
  if (unread) say(cli, `${"but".padEnd(11)}${unreadText(unread)}`);
  say(cli);
  const waitsFor = hadLastTry(delivery) ? "" : "for the cloud, or ";
  const held = isHeld(delivery) ? ` (held: it waits ${waitsFor}for relay deliveries redrive)` : "";
  say(cli, `delivery   ${delivery.id}`);
  say(cli, `state      ${paint(cli, stateStyle(delivery.state), delivery.state)}${held}`);
  const told = (at: UnixMs | null): string | null => (at === null ? null : timeIn(zone, at));
  const facts: [string, string | null][] = [
    ["kind", delivery.kind],
    ["order", orderWords(delivery.order_id, delivery.order_name)],
    ["store", delivery.store === null ? null : `${delivery.store} (${delivery.platform ?? ""})`],
    ["printer", delivery.printer],
    ["cancelled", told(delivery.cancelled_at)],
    ["reason", delivery.reason],
    ["created", told(delivery.created_at)],
    ["next try", told(delivery.next_attempt_at)],
    ["accepted", told(delivery.accepted_at)],
    ["printed", told(delivery.printed_at)],
    ["last error", delivery.last_error],
    ["webhook", delivery.webhook_id],
    ["came", detail.webhook && ORIGIN_WORDS[detail.webhook.origin]],
    ["reprint of", delivery.reprint_of],
    ["forgotten", forgotten(delivery, zone)],
  ];
  for (const [name, value] of facts) if (value !== null) say(cli, `${name.padEnd(11)}${cleanLine(value)}`);
  sayAttempts(cli, zone, detail);
  const confirmed = detail.confirmations.map(({ at, verdict, message }): Row => [at, verdict, message ?? ""]);
  saySection(cli, "printer's word", ["verdict", "message"], { zone, rows: confirmed });
  const history = detail.history.map(({ at, state, by, note }): Row => [at, state, by, note]);
  saySection(cli, "history", ["state", "by", "note"], { zone, rows: history });
  await showSlip(cli, kit, delivery.id);
  if (cli.stdout.isTTY !== true) return;
  // By now it has left the window at the top.
  say(cli);
  for (const line of answer) say(cli, line);
}

async function viewpointOf(cli: Cli, kit: Kit, delivery: Delivery): Promise<Viewpoint> {
  const settings = await settingsToShow(cli, kit);
  const now = kit.now();
  const isAway = await outagesNow(kit.ledger, now);
  const seen = { unserved: !(await kit.serviceRunning()), away: isAway(delivery) };
  // Which printers there are, nobody knows without the key.
  if (settings === null) return { now, zone: "UTC", ...seen };
  return { ...zonesOf(settings, now)(delivery), ...seen };
}

/** First of all: did it print, and if not, why, and what is to be done? */
function answerLines(delivery: Delivery, viewpoint: Viewpoint, others: readonly Delivery[]): string[] {
  const { tone, answer, why, advice } = verdictOf(delivery, viewpoint, others);
  const rest = tone === "wait" ? "Nothing yet: it goes on by itself." : "Nothing.";
  const lines = [`${answer}. ${why}`, advice ?? rest, advice && actFor(delivery, viewpoint)];
  const names = ["answer", "to do", ""];
  return lines.flatMap((line, index) =>
    line === null ? [] : [`${(names[index] ?? "").padEnd(11)}${cleanLine(line)}`],
  );
}

/** The command that the advice speaks of; null: it speaks of none. */
function actFor(delivery: Delivery, { gone }: Viewpoint): string | null {
  const { id, state, attention } = delivery;
  if (gone === true) return null;
  if (state === "dead" || isHeld(delivery)) return `relay deliveries redrive ${id}`;
  if (attention === "unconfirmed" || state === "rejected") {
    return `relay deliveries reprint ${id} --reason "…"`;
  }
  return null;
}

function alsoText({ id, kind, reprint_number, state }: Delivery): string {
  return `${kind}${reprint_number === null ? "" : ` ${reprint_number}`}: ${state}, ${id}`;
}

function unreadText({ id, store, status, reason }: Webhook): string {
  const why = cleanLine(reason ?? "nobody wrote down why");
  return `of ${store} an order of this number did not print: webhook ${id} is ${status}: ${why}`;
}

/** When, and what. */
type Row = readonly [UnixMs, ...string[]];

function sayAttempts(cli: Cli, zone: string, { delivery, attempts, earlier_attempts }: DeliveryDetail): void {
  const newest = attempts.slice(-ATTEMPTS_MAX);
  saySection(cli, "attempts", ATTEMPT_COLUMNS, { zone, rows: newest.map(attemptRow) });
  if (newest.length < attempts.length || earlier_attempts !== null) {
    say(cli, `only the newest ${ATTEMPTS_MAX}; those before: relay deliveries attempts ${delivery.id}`);
  }
}

export const ATTEMPT_COLUMNS = ["what", "outcome", "HTTP", "detail"];

export function attemptRow({ started_at, kind, number, outcome, http_status, detail }: AttemptRecord): Row {
  const what = kind === "verify" ? "ask store" : `send ${number}`;
  return [started_at, what, outcome, http_status === null ? "-" : String(http_status), detail];
}

export function saySection(
  cli: Cli,
  title: string,
  headers: readonly string[],
  { zone, rows }: { zone: string; rows: readonly Row[] },
): void {
  if (rows.length === 0) return;
  say(cli);
  say(cli, paint(cli, "bold", title));
  const last = headers.length - 1;
  const columns = headers.map((header, index) =>
    index === last ? { header, min: 20, wraps: true } : { header },
  );
  // Clocks may have been set forward or back between two rows: then each names its own offset.
  const [offset, another] = new Set(rows.map(([at]) => offsetText(at, zone)));
  const time = another === undefined ? `time (${offset ?? "UTC"})` : "time";
  const told = (at: UnixMs): string => (another === undefined ? dayTimeText(at, zone) : timeIn(zone, at));
  sayTable(
    cli,
    [{ header: time }, ...columns],
    rows.map(([at, ...cells]) => [told(at), ...cells]),
  );
}

async function showSlip(cli: Cli, kit: Kit, id: string): Promise<void> {
  try {
    const { ticket, marks, printer } = await kit.relay.slipOf(id);
    say(cli);
    sayPaper(cli, slipText(ticket, marks, printer), printer.columns);
  } catch (error) {
    // The printer's settings are gone: then nobody knows how wide its paper was. All the rest was shown.
    if (!(error instanceof RelayError && error.code === "not_found")) throw error;
  }
}

function forgotten({ forgotten_at }: Delivery, zone: string): string | null {
  return forgotten_at === null ? null : `the buyer's data was erased on ${timeIn(zone, forgotten_at)}`;
}

function orderWords(id: string, name: string): string {
  return id === name ? id : `${name} (${id})`;
}

/** `2026-11-30 06:54:18 UTC+8`. */
function timeIn(zone: string, at: UnixMs): string {
  return `${dayTimeText(at, zone)} ${offsetText(at, zone)}`;
}
