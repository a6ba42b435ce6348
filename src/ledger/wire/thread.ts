import { Worker } from "node:worker_threads";
import type { LedgerPlace } from "../../core/ledger-place.ts";

/** The first message to a ledger's thread; calls follow it. */
export interface LedgerThreadData {
  place: LedgerPlace;
  /** `KeyOptions.given`: the thread reads the key file itself, and follows it. */
  given_keys: readonly Uint8Array[];
}

/** A thread that loads what a ledger needs, and waits to be told which one to open. */
export function startLedgerThread(): Worker {
  return new Worker(new URL("../../ledger-thread.ts", import.meta.url));
}

export function openLedgerIn(thread: Worker, data: LedgerThreadData): Worker {
  thread.postMessage(data);
  return thread;
}
