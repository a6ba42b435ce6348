import { Writable } from "node:stream";
import type { Kit } from "../../src/kit.ts";
import type { Cli, Output } from "../../src/cli/cli.ts";
import { nounsFor } from "../../src/cli/nouns.ts";

// A test moves the clock once its command waits: no file is to be loaded by then.
await nounsFor([]);

export interface FakeCli {
  cli: Cli;
  /** All that went to each stream so far. */
  out: () => string;
  err: () => string;
  /** Exit codes asked for at once. */
  exits: number[];
  /** Sends the process a signal. */
  signal: () => void;
  /** The clock, which stands until it is moved; due tasks run at the move. */
  pass: (ms: number) => void;
}

/** What commands work with, on a ledger that some test has open; by itself it closes nothing. */
export function kitOn({ ledger, relay }: Pick<Kit, "ledger" | "relay">, own: Partial<Kit> = {}): Kit {
  return {
    ledger,
    relay,
    keyFile: null,
    keyFileMade: false,
    serviceRunning: () => Promise.resolve(true),
    testAlert: () => Promise.resolve(null),
    now: () => NOON,
    close: () => Promise.resolve(),
    ...own,
  };
}

const NOON = Date.UTC(2026, 10, 3, 12, 0, 0);

/** A process that is none: streams that remember, a clock that stands, and no terminal. */
export function fakeCli(
  options: { env?: Cli["env"]; kit?: Kit; columns?: number; exposures?: string[]; hasLedger?: boolean } = {},
): FakeCli {
  const out = sink(options.columns);
  const err = sink();
  const exits: number[] = [];
  const listeners: (() => void)[] = [];
  let now = NOON;
  let waiting: { at: number; task: () => void }[] = [];
  const cli: Cli = {
    env: options.env ?? {},
    stdout: out.stream,
    stderr: err.stream,
    clock: {
      now: () => now,
      elapsed: () => now - NOON,
      after(delayMs, task) {
        const entry = { at: now + delayMs, task };
        waiting.push(entry);
        return () => {
          waiting = waiting.filter((one) => one !== entry);
        };
      },
    },
    chance: () => 0,
    user: "ana",
    exposures: () => options.exposures ?? [],
    onSignal(listener) {
      listeners.push(listener);
      return () => undefined;
    },
    exit: (code) => exits.push(code),
    ask: null,
    hasLedger: () => options.hasLedger ?? true,
    openKit: () => (options.kit ? Promise.resolve(options.kit) : Promise.reject(new Error("no ledger here"))),
    backup: () => Promise.reject(new Error("no ledger here")),
    moveLedger: () => Promise.reject(new Error("no ledger here")),
    openKeys: () => Promise.reject(new Error("no ledger here")),
    startService: () => Promise.reject(new Error("no service here")),
  };
  return {
    cli,
    out: out.text,
    err: err.text,
    exits,
    signal: () => {
      for (const listener of listeners) listener();
    },
    pass(ms) {
      now += ms;
      const due = waiting.filter((one) => one.at <= now);
      waiting = waiting.filter((one) => one.at > now);
      for (const one of due) one.task();
    },
  };
}

function sink(columns?: number): { stream: Output; text: () => string } {
  let text = "";
  const stream: Output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  if (columns !== undefined) Object.assign(stream, { isTTY: true, columns });
  return { stream, text: () => text };
}
