import type { Delivery } from "../../core/delivery.ts";
import { createLeisurely } from "../../core/leisurely.ts";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import { fingerprintOf } from "../fingerprint.ts";
import type { Act, InboundEntry, Ledger, WebhookWithBody } from "../ledger.ts";
import {
  asBuffer,
  isLook,
  toWire,
  type Call,
  type ChangeAnswer,
  type DecidedChange,
  type FromLedger,
  type PlainMethod,
  type Reply,
  type ToLedger,
} from "./messages.ts";

/** A thread's end of a message channel. */
export interface ServerPort {
  postMessage(message: FromLedger): void;
  on(event: "message", listener: (message: ToLedger) => void): unknown;
  close(): void;
}

/**
 * Answers what comes over `port` from the ledger that `open` opens, at once. Calls of one message run in the same turn,
 * so their writes share a commit, and what settles together goes back together. Looks are leisurely: a commit waits
 * for one at most.
 */
export function serveLedger(
  port: ServerPort,
  open: () => Promise<Ledger>,
  clock: Pick<Clock, "after">,
): void {
  const answer = createAnswers(port);
  const tell = (): void => port.postMessage("foreign write");
  let isUnwatched = false;
  const opening = createOpening(open, clock, (ledger) => {
    if (!isUnwatched) return;
    isUnwatched = false;
    ledger.onForeignWrite(tell);
    // Of what others wrote until now nobody was told.
    tell();
  });
  const looks = createLeisurely();

  function serve(call: Call): void {
    opening
      .reach()
      .then((ledger) => run(ledger, call, tell))
      .then(
        (value) => answer({ number: call.number, ...written(call, value) }),
        (error: unknown) => {
          // It is asked for once.
          isUnwatched ||= call.method === "watch";
          answer({ number: call.number, error: toWire(error) });
        },
      )
      .finally(() => {
        if (call.method !== "close") return;
        opening.end();
        port.close();
      });
  }

  port.on("message", (calls) => {
    for (const call of calls) {
      if (isLook(call.method)) {
        looks.add(() => serve(call));
        continue;
      }
      if (call.method === "close") looks.finish();
      serve(call);
    }
  });
}

/** An opening that failed is told to whoever calls meanwhile: a ledger that is away is not asked for with every call. */
const REOPEN_AFTER_MS = SECOND_MS;

interface Opening {
  /** @throws why it could not be opened when it was last tried */
  reach(): Promise<Ledger>;
  /** Nothing is tried any more by itself. */
  end(): void;
}

/** @param onOpened told before whoever has called */
function createOpening(
  open: () => Promise<Ledger>,
  clock: Pick<Clock, "after">,
  onOpened: (ledger: Ledger) => void,
): Opening {
  let opening: Promise<Ledger> | null = null;
  let forgetNoMore = (): void => undefined;

  function reach(): Promise<Ledger> {
    if (opening !== null) return opening;
    opening = open().then((ledger) => {
      onOpened(ledger);
      return ledger;
    });
    opening.catch(() => {
      forgetNoMore = clock.after(REOPEN_AFTER_MS, () => (opening = null));
    });
    return opening;
  }

  void reach().catch(() => undefined);
  return { reach, end: () => forgetNoMore() };
}

function run(ledger: Ledger, call: Call, onForeignWrite: () => void): Promise<unknown> {
  const args = JSON.parse(call.json) as unknown[];
  const { method } = call;
  switch (method) {
    case "watch":
      ledger.onForeignWrite(onForeignWrite);
      return Promise.resolve();
    case "changeIf":
      return changeIf(ledger, args[0] as string, args[1] as DecidedChange);
    case "enqueue":
      return ledger.enqueue(withBody(args[0] as InboundEntry, call.body), args[1] as Act | undefined);
    case "reenqueue":
      return ledger.reenqueue(withBody(args[0] as InboundEntry, call.body), args[1] as Act);
    default:
      return (ledger as unknown as PlainLedger)[method](...args);
  }
}

type PlainLedger = Record<PlainMethod, (...args: readonly unknown[]) => Promise<unknown>>;

function withBody(entry: InboundEntry, body: Uint8Array | null): InboundEntry {
  if (body !== null) entry.webhook.body = asBuffer(body);
  return entry;
}

function written({ method }: Call, value: unknown): { json: string | undefined; body: Uint8Array | null } {
  if (method !== "findWebhook") return { json: JSON.stringify(value), body: null };
  const webhook = value as WebhookWithBody | null;
  return { json: JSON.stringify(webhook && { ...webhook, body: null }), body: webhook?.body ?? null };
}

async function changeIf(ledger: Ledger, id: string, decided: DecidedChange): Promise<ChangeAnswer> {
  const { seen, transition, ...change } = decided;
  const fingerprint = fingerprintOf(seen);
  try {
    const after = await ledger.change(id, {
      ...change,
      seen: seen as unknown as Delivery,
      decide(row) {
        if (fingerprintOf(row) !== fingerprint) throw new StaleRow(row);
        return transition;
      },
    });
    const isAsDecided = after.forgotten_at === null && transition?.heeds_other_slips === undefined;
    return isAsDecided ? "written" : { written: after };
  } catch (error) {
    if (error instanceof StaleRow) return { stale: error.row };
    throw error;
  }
}

/** Thrown inside the transaction, so that nothing of the change is written. */
class StaleRow extends Error {
  readonly row: Delivery;

  constructor(row: Delivery) {
    super("decided on a row that has changed since");
    this.row = row;
  }
}

/** @returns what sends replies, those of one turn in one message */
function createAnswers(port: ServerPort): (reply: Reply) => void {
  let waiting: Reply[] = [];
  function flush(): void {
    const replies = waiting;
    waiting = [];
    port.postMessage(replies);
  }
  return (reply) => {
    waiting.push(reply);
    if (waiting.length === 1) queueMicrotask(flush);
  };
}
