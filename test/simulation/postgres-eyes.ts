import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from "node:worker_threads";

export interface Question {
  url: string;
  sql: string;
  values: string[];
}
export type Answer = { rows: unknown[] } | { failed: string };
export interface ThreadData {
  port: MessagePort;
  /** How many were answered. */
  answered: Int32Array;
}

/** Asks a PostgreSQL server and stands still until it answers, as a question to SQLite does. */
export type Ask = <Row>(url: string, sql: string, ...values: string[]) => Row[];

/** Longer than any answer takes. */
const SILENCE_MS_MAX = 20_000;

/** @returns what asks, for as long as the process lasts */
export function openEyes(): Ask {
  const { port1: port, port2: far } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = new Worker(new URL("postgres-eyes-thread.ts", import.meta.url), {
    workerData: { port: far, answered } satisfies ThreadData,
    transferList: [far],
  });
  thread.unref();
  port.unref();
  let asked = 0;
  return <Row>(url: string, sql: string, ...values: string[]) => {
    port.postMessage({ url, sql, values } satisfies Question);
    // It may be woken late by the answer before.
    while (Atomics.load(answered, 0) === asked) {
      if (Atomics.wait(answered, 0, asked, SILENCE_MS_MAX) !== "timed-out") continue;
      throw new Error(`the server says nothing to: ${sql}`);
    }
    asked++;
    const told = receiveMessageOnPort(port)?.message as Answer;
    if ("failed" in told) throw new Error(`${told.failed}: ${sql}`);
    return told.rows as Row[];
  };
}
