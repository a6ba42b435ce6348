import type { Delivery } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import { createLeisurely } from "../../core/leisurely.ts";
import type { Act, Change, EnqueueResult, InboundEntry, Ledger, Webhook } from "../ledger.ts";
import {
  asBuffer,
  fromWire,
  isLook,
  PLAIN_METHODS,
  type Call,
  type ChangeAnswer,
  type DecidedChange,
  type FromLedger,
  type PlainMethod,
  type Reply,
  type ToLedger,
} from "./messages.ts";

/** This side's end of a message channel, and the thread behind it. */
export interface ClientPort {
  postMessage(message: ToLedger): void;
  on(event: "message", listener: (message: FromLedger) => void): unknown;
  /** The thread has ended, by itself or with this error. */
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "exit", listener: () => void): unknown;
}

/**
 * A ledger that lives in another thread: whoever waits for the disk there keeps nobody waiting here. Calls of one
 * turn of the event loop go over in one message. What was looked for is handed out leisurely: making a page of it may
 * take long.
 *
 * @param openPort starts the thread. Called again when it has died: what was under way then is refused with
 *   `ledger_unavailable`, as with a disk that fails
 */
export function createLedgerClient(openPort: () => ClientPort): Ledger {
  const call = createCaller(openPort);
  const plain = Object.fromEntries(
    PLAIN_METHODS.map((method) => [method, (...args: unknown[]) => call(method, withoutTail(args))]),
  ) as unknown as Pick<Ledger, PlainMethod>;
  const listeners = new Set<() => void>();

  const callWith = (
    method: "enqueue" | "reenqueue",
    entry: InboundEntry,
    ...more: Act[]
  ): Promise<EnqueueResult> => {
    const { body, ...webhook } = entry.webhook;
    return call(method, [{ ...entry, webhook }, ...more], body) as Promise<EnqueueResult>;
  };

  return {
    ...plain,
    enqueue: (entry, act) => callWith("enqueue", entry, ...(act === undefined ? [] : [act])),
    reenqueue: (entry, act) => callWith("reenqueue", entry, act),
    change: createChanges(call),
    onForeignWrite(listener) {
      listeners.add(listener);
      call.onForeignWrite(() => listeners.forEach((told) => told()));
      return () => void listeners.delete(listener);
    },
  };
}

/** An argument that is left out at the end must stay so: JSON would make it null. */
function withoutTail(args: unknown[]): unknown[] {
  return args.at(-1) === undefined ? args.slice(0, -1) : args;
}

/**
 * The ledger begins with these while this thread makes the next: answers and requests come in crowds, and each thread
 * would stand still while the other works through one. Fewer would be more messages, and more commits, than that gains.
 */
const CALLS_PER_MESSAGE = 16;

interface Caller {
  (method: Call["method"], args: readonly unknown[], body?: Buffer): Promise<unknown>;
  onForeignWrite(listener: () => void): void;
}

interface Waiting {
  isLook: boolean;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

function createCaller(openPort: () => ClientPort): Caller {
  const waiting = new Map<number, Waiting>();
  const looks = createLeisurely();
  let port: ClientPort | null = null;
  let outbox: Call[] = [];
  let lastNumber = 0;
  let onForeignWrite: (() => void) | null = null;
  let closing = false;

  function send(method: Call["method"], args: readonly unknown[], body: Buffer | null = null): number {
    if (method === "close") closing = true;
    outbox.push({ number: ++lastNumber, method, json: JSON.stringify(args), body });
    if (outbox.length === 1) setImmediate(flush);
    else if (outbox.length === CALLS_PER_MESSAGE) queueMicrotask(flush);
    return lastNumber;
  }

  function flush(): void {
    const calls = outbox;
    // Full ones have gone before their turn was over.
    if (calls.length === 0) return;
    outbox = [];
    try {
      port ??= connect();
      port.postMessage(calls);
    } catch (cause) {
      for (const { number } of calls) settle(number, ({ reject }) => reject(ended(cause)));
    }
  }

  function connect(): ClientPort {
    const opened = openPort();
    const end = (cause: unknown): void => {
      if (port !== opened) return;
      port = null;
      looks.finish();
      for (const number of [...waiting.keys()]) settle(number, ({ reject }) => reject(ended(cause)));
      if (onForeignWrite !== null && !closing) send("watch", []);
    };
    opened.on("error", end);
    opened.on("exit", () => end(null));
    opened.on("message", (message) => {
      if (message === "foreign write") {
        onForeignWrite?.();
        return;
      }
      for (const reply of message) {
        if (waiting.get(reply.number)?.isLook === true) looks.add(() => take(reply));
        else take(reply);
      }
    });
    return opened;
  }

  function take(reply: Reply): void {
    settle(reply.number, ({ resolve, reject }) =>
      "error" in reply ? reject(fromWire(reply.error)) : resolve(valueOf(reply)),
    );
  }

  function settle(number: number, how: (call: Waiting) => void): void {
    const call = waiting.get(number);
    waiting.delete(number);
    if (call !== undefined) how(call);
  }

  const caller: (...told: Parameters<typeof send>) => Promise<unknown> = (...told) =>
    new Promise((resolve, reject) =>
      waiting.set(send(...told), { isLook: isLook(told[0]), resolve, reject }),
    );
  return Object.assign(caller, {
    onForeignWrite(listener: () => void) {
      if (onForeignWrite === null) send("watch", []);
      onForeignWrite = listener;
    },
  });
}

function valueOf({ json, body }: Exclude<Reply, { error: unknown }>): unknown {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  return body === null ? value : { ...(value as Webhook), body: asBuffer(body) };
}

function ended(cause: unknown): RelayError {
  return new RelayError("ledger_unavailable", "the ledger's thread has ended: try again", { cause });
}

/**
 * `Ledger.change`: decided here, on the row as last seen, and written there if the row is still so; else decided
 * once more on the row as it is. Changes of one delivery wait for each other, so only another process can come
 * between.
 */
function createChanges(call: Caller): Ledger["change"] {
  const last = new Map<string, Promise<Delivery>>();

  async function decideAndWrite(
    id: string,
    { decide, seen, ...beside }: Change,
    before: Delivery | null,
  ): Promise<Delivery> {
    let row = before ?? seen ?? ((await call("readDelivery", [id])) as Delivery | null);
    if (row === null) throw new RelayError("not_found", `there is no delivery ${id}`);
    for (;;) {
      const transition = decide(row);
      const decided: DecidedChange = { ...beside, seen: { ...row, ticket: undefined }, transition };
      const answer = (await call("changeIf", [id, decided])) as ChangeAnswer;
      if (answer === "written") return { ...row, ...transition?.set };
      if ("written" in answer) return { ...row, ...answer.written };
      row = answer.stale;
    }
  }

  return (id, change) => {
    const before = last.get(id)?.catch(() => null) ?? Promise.resolve(null);
    const mine = before.then((row) => decideAndWrite(id, change, row));
    last.set(id, mine);
    const forget = (): void => {
      if (last.get(id) === mine) last.delete(id);
    };
    mine.then(forget, forget);
    return mine;
  };
}
