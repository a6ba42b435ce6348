import type { Kit } from "../kit.ts";
import { otherSlipsOf } from "../answers/other-slips.ts";
import { verdictOf } from "../answers/verdict.ts";
import { isHeld } from "../core/decide.ts";
import type { Delivery, DeliveryState } from "../core/delivery.ts";
import { RelayError } from "../core/errors.ts";
import { cleanLine } from "../core/text.ts";
import { ORIGIN_WORDS } from "../core/webhook.ts";
import type { DeliveryDetail } from "../ledger/ledger.ts";
import { slipText } from "../slip/slip.ts";
import { paint, say, type Cli } from "./cli.ts";
import type { Found } from "./find-delivery.ts";
import { sayPaper } from "./paper.ts";
import { sayTable, shortTime } from "./table.ts";

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

/** One delivery for a person: the answer, facts, attempts, what the printer said, history, and the slip as paper. */
export async function showDelivery(cli: Cli, kit: Kit, { detail, others }: Found): Promise<void> {
  const { delivery } = detail;
  const slips = (await otherSlipsOf(kit.ledger, [delivery]))(delivery);
  await sayAnswer(cli, kit, delivery, slips);
  const also = [...slips, ...others.filter(({ id }) => slips.every((slip) => slip.id !== id))];
  for (const other of also) say(cli, `${"also".padEnd(11)}${alsoText(other)}`);
  say(cli);
  const held = isHeld(delivery) ? " (held: it waits for the cloud, or for relay deliveries redrive)" : "";
  say(cli, `delivery   ${delivery.id}`);
  say(cli, `state      ${paint(cli, stateStyle(delivery.state), delivery.state)}${held}`);
  const facts: [string, string | null][] = [
    ["kind", delivery.kind],
    ["order", orderWords(delivery.order_id, delivery.order_name)],
    ["store", delivery.store === null ? null : `${delivery.store} (${delivery.platform ?? ""})`],
    ["printer", delivery.printer],
    ["cancelled", utc(delivery.cancelled_at)],
    ["reason", delivery.reason],
    ["created", utc(delivery.created_at)],
    ["next try", utc(delivery.next_attempt_at)],
    ["accepted", utc(delivery.accepted_at)],
    ["printed", utc(delivery.printed_at)],
    ["last error", delivery.last_error],
    ["webhook", delivery.webhook_id],
    ["came", detail.webhook && ORIGIN_WORDS[detail.webhook.origin]],
    ["reprint of", delivery.reprint_of],
    ["forgotten", forgotten(delivery)],
  ];
  for (const [name, value] of facts) if (value !== null) say(cli, `${name.padEnd(11)}${cleanLine(value)}`);
  saySection(cli, "attempts", ["time (UTC)", "what", "outcome", "HTTP", "detail"], attemptRows(detail));
  const confirmed = detail.confirmations.map((told) => [
    shortTime(told.at),
    told.verdict,
    told.message ?? "",
  ]);
  saySection(cli, "printer's word", ["time (UTC)", "verdict", "message"], confirmed);
  const history = detail.history.map((entry) => [shortTime(entry.at), entry.state, entry.by, entry.note]);
  saySection(cli, "history", ["time (UTC)", "state", "by", "note"], history);
  await showSlip(cli, kit, delivery.id);
}

/** First of all: did it print, and if not, why, and what is to be done? */
async function sayAnswer(cli: Cli, kit: Kit, delivery: Delivery, others: readonly Delivery[]): Promise<void> {
  const { tone, answer, why, advice } = verdictOf(delivery, { now: kit.now(), zone: "UTC" }, others);
  const rest = tone === "wait" ? await whileWaiting(kit) : "Nothing.";
  const lines = [`${answer}. ${why}`, advice ?? rest, advice && actFor(delivery)];
  const names = ["answer", "to do", ""];
  lines.forEach((line, index) => {
    if (line !== null) say(cli, `${(names[index] ?? "").padEnd(11)}${cleanLine(line)}`);
  });
}

async function whileWaiting(kit: Kit): Promise<string> {
  return (await kit.serviceRunning())
    ? "Nothing yet: it goes on by itself."
    : "Start the relay: no service is running on this ledger, and nothing goes on without one.";
}

/** The command that the advice speaks of; null: it speaks of none. */
function actFor(delivery: Delivery): string | null {
  const { id, state, attention } = delivery;
  if (state === "dead" || isHeld(delivery)) return `relay deliveries redrive ${id}`;
  if (attention === "unconfirmed" || state === "rejected") {
    return `relay deliveries reprint ${id} --reason "…"`;
  }
  return null;
}

function alsoText({ id, kind, reprint_number, state }: Delivery): string {
  return `${kind}${reprint_number === null ? "" : ` ${reprint_number}`}: ${state}, ${id}`;
}

function attemptRows(detail: DeliveryDetail): string[][] {
  return detail.attempts.map((attempt) => [
    shortTime(attempt.started_at),
    attempt.kind === "verify" ? "ask store" : `send ${attempt.number}`,
    attempt.outcome,
    attempt.http_status === null ? "-" : String(attempt.http_status),
    attempt.detail,
  ]);
}

function saySection(cli: Cli, title: string, headers: readonly string[], rows: string[][]): void {
  if (rows.length === 0) return;
  say(cli);
  say(cli, paint(cli, "bold", title));
  const last = headers.length - 1;
  const columns = headers.map((header, index) => (index === last ? { header, min: 20 } : { header }));
  sayTable(cli, columns, rows);
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

function forgotten({ forgotten_at }: Delivery): string | null {
  return forgotten_at === null ? null : `the buyer's data was erased on ${shortTime(forgotten_at)} UTC`;
}

function orderWords(id: string, name: string): string {
  return id === name ? id : `${name} (${id})`;
}

function utc(at: number | null): string | null {
  return at === null ? null : `${shortTime(at)} UTC`;
}
