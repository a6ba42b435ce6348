import { randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import { hangUp } from "./pool.ts";

/** Tells the other relays that something was written, and hears when they have written. */
export interface Listener {
  /** After a transaction. Of many in a row the others hear twice or so. */
  tell(): void;
  /** @returns how to stop it */
  listen(heard: () => void): () => void;
  close(): Promise<void>;
}

const CHANNEL = "relay_ledger";
const NOTIFY = "SELECT pg_notify($1, $2)";
/** NOTIFY is handed out by one lock for the whole server: not for every transaction of a flood. */
const TELL_EVERY_MS = 200;
const LISTEN_AGAIN_MS = 2 * SECOND_MS;
/** A server that has not taken a notice by then says nothing more: no notice would come from it either. */
const SILENCE_MS_MAX = 12 * SECOND_MS;

/**
 * By LISTEN and NOTIFY. A notice that is lost, with a connection or by a pooler that knows no LISTEN, is made up for by
 * the worker, which looks every second anyway.
 */
export function createListener({ pool, clock }: { pool: Pool; clock: Pick<Clock, "after"> }): Listener {
  const own = randomUUID();
  const listeners = new Set<() => void>();
  let client: PoolClient | null = null;
  let connecting = false;
  let wasLost = false;
  let closed = false;
  let cancelAgain = (): void => undefined;
  let cancelTell = (): void => undefined;
  let isResting = false;
  let isOwed = false;

  function tell(): void {
    if (closed) return;
    if (isResting) {
      isOwed = true;
      return;
    }
    isResting = true;
    isOwed = false;
    const told = notify().catch(() => undefined);
    // Not again before this one has come through, or cannot: a server that hangs would collect them.
    cancelTell = clock.after(TELL_EVERY_MS, () => void told.then(rested));
  }

  function rested(): void {
    isResting = false;
    if (isOwed) tell();
  }

  /** On the client that listens, so that its silence shows; a command has none. */
  async function notify(): Promise<void> {
    if (client !== null) return ask(client, NOTIFY, [CHANNEL, own]);
    const lent = await pool.connect();
    await ask(lent, NOTIFY, [CHANNEL, own]).finally(() => lent.release());
  }

  async function ask(on: PoolClient, sql: string, values?: string[]): Promise<void> {
    const cancel = clock.after(SILENCE_MS_MAX, () => hangUp(on));
    await on.query(sql, values).finally(cancel);
  }

  async function connect(): Promise<void> {
    if (closed || connecting || client !== null) return;
    connecting = true;
    try {
      const connected = await pool.connect();
      connected.on("notification", ({ payload }) => {
        if (payload !== own) for (const heard of listeners) heard();
      });
      connected.once("end", () => lose(connected));
      client = connected;
      await ask(connected, `LISTEN ${CHANNEL}`);
      // What was written while nobody listened.
      if (wasLost) for (const heard of listeners) heard();
      wasLost = false;
    } catch {
      lose(client);
    } finally {
      connecting = false;
    }
    if (closed) lose(client);
  }

  function lose(lost: PoolClient | null): void {
    if (lost !== client) return;
    if (lost !== null) {
      client = null;
      lost.removeAllListeners("notification");
      lost.release(true);
    }
    cancelAgain();
    wasLost = true;
    if (!closed && listeners.size > 0) cancelAgain = clock.after(LISTEN_AGAIN_MS, () => void connect());
  }

  return {
    tell,
    listen(heard) {
      listeners.add(heard);
      void connect();
      return () => void listeners.delete(heard);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- as a driver's close is
    async close() {
      closed = true;
      cancelTell();
      listeners.clear();
      lose(client);
      cancelAgain();
    },
  };
}
