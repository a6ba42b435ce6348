import type { AttemptRecord, ConfirmationRecord, DeliveryDetail, HistoryEntry } from "../../ledger/ledger.ts";
import type { UnixMs } from "../../core/time.ts";
import { html, type Html } from "./html.ts";
import { indented } from "./indented.ts";
import { badge, codeBlock } from "./layout.ts";
import { spanText, type Viewpoint } from "../../answers/moments.ts";
import { clockTime } from "./times.ts";
import { sentence, type Tone } from "../../answers/verdict.ts";

/** Of the attempts, so that an open page stays small through an outage: each is told with its order and its answer. */
const ATTEMPTS_MAX = 20;

/** What happened to a delivery, oldest first: its history, its newest attempts, the printer's words. */
export function timeline(detail: DeliveryDetail, viewpoint: Viewpoint): Html {
  const attempts = detail.attempts.slice(-ATTEMPTS_MAX);
  const [oldest] = attempts;
  const isCut = attempts.length < detail.attempts.length || detail.earlier_attempts !== null;
  const earlier = html`Attempts before these are on
    <a class="alone" href="/deliveries/${detail.delivery.id}/attempts">a page of their own</a>`;
  const events = [
    // Of the same moment: the cause before what came of it.
    ...detail.confirmations.map((one, index) => ({ at: one.at, html: confirmationEvent(one, index) })),
    ...detail.history.map((entry) => ({ at: entry.at, html: historyEvent(entry) })),
    ...(isCut && oldest !== undefined ? [{ at: oldest.started_at, html: earlier }] : []),
    ...attempts.map((attempt) => attemptEvent(attempt, nextTry(detail, attempt), viewpoint)),
  ].sort((a, b) => a.at - b.at);
  return html`<ol class="timeline">
    ${events.map((event) => line(event, viewpoint))}
  </ol>`;
}

export function attemptLine(attempt: AttemptRecord, viewpoint: Viewpoint): Html {
  return line(attemptEvent(attempt, null, viewpoint), viewpoint);
}

interface Event {
  at: UnixMs;
  html: Html;
}

function line({ at, html: told }: Event, viewpoint: Viewpoint): Html {
  return html`<li>
    ${clockTime(at, viewpoint)}
    <div>${told}</div>
  </li>`;
}

/** When it was, or will be, tried again; null: not, as far as anybody knows. */
function nextTry({ delivery, attempts }: DeliveryDetail, attempt: AttemptRecord): UnixMs | null {
  if (attempt.outcome === "accepted") return null;
  const later = attempts.filter(
    ({ kind, started_at }) => kind === attempt.kind && started_at > attempt.started_at,
  );
  const [next] = later.map(({ started_at }) => started_at).sort((a, b) => a - b);
  return next ?? delivery.next_attempt_at;
}

function historyEvent({ state, by, note }: HistoryEntry): Html {
  return html`<span class="muted">${by}</span> ${sentence(note)} <span class="muted">→ ${state}</span>`;
}

const OUTCOME_TONES: Readonly<Record<AttemptRecord["outcome"], Tone>> = {
  accepted: "good",
  rejected: "bad",
  unavailable: "wait",
  unknown: "bad",
};

function attemptEvent(attempt: AttemptRecord, next: UnixMs | null, viewpoint: Viewpoint): Event {
  const { kind, outcome, detail, http_status, started_at, finished_at, request, response } = attempt;
  const what = kind === "send" ? `Attempt ${attempt.number}` : "Asked the store's API";
  // Of a store's answer the status is not kept: its words tell what it was.
  const status = kind === "verify" ? "" : http_status === null ? "no answer, " : `HTTP ${http_status}, `;
  const id = `attempt-${kind}-${attempt.number}-${started_at}`;
  const told = html`<b>${what}</b> ${badge(OUTCOME_TONES[outcome], outcome)} ${sentence(detail)}
    <span class="muted"
      >${status}${lengthText(finished_at - started_at)}${
        next !== null && html`; next try at ${clockTime(next, viewpoint)}`
      }</span
    >
    ${
      (request !== null || response !== null) &&
      html`<details id="${id}">
        <summary>Request and answer</summary>
        ${
          request !== null &&
          html`<h3>Sent, secrets masked</h3>
            ${codeBlock(indented(request), `Sent by ${what}`, `${id}-sent`)}`
        }
        ${
          response !== null &&
          html`<h3>Answered</h3>
            ${codeBlock(indented(response), `Answered to ${what}`, `${id}-answer`)}`
        }
      </details>`
    }`;
  return { at: started_at, html: told };
}

const VERDICT_TONES: Readonly<Record<ConfirmationRecord["verdict"], Tone>> = {
  accepted: "good",
  rejected: "bad",
  unrecognised: "off",
};

function confirmationEvent({ verdict, message, time, raw }: ConfirmationRecord, index: number): Html {
  return html`<b>The printer called back</b> ${badge(VERDICT_TONES[verdict], verdict)}
    ${message === null ? "" : sentence(message)}
    ${time !== null && html`<span class="muted">time ${time}</span>`}
    <details id="callback-${index}">
      <summary>What it sent</summary>
      ${codeBlock(indented(raw), "What the printer sent", `callback-${index}-raw`)}
    </details>`;
}

function lengthText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : spanText(ms);
}
