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
  close(): void;
}

interface ListenerDeps {
  pool: Pool;
  clock: Pick<Clock, "after">;
}

const CHANNEL = "relay_ledger";
/** NOTIFY is handed out by one lock for the whole server: not for every transaction of a flood. */
const TELL_EVERY_MS = 200;
const LISTEN_AGAIN_MS = 2 * SECOND_MS;
/** A server that has not taken a notice by then says nothing more: none would come from it either. */
const SILENCE_MS_MAX = 12 * SECOND_MS;

/**
 * By LISTEN and NOTIFY. A notice that is lost, with a connection or by a pooler that knows no LISTEN, is made up for by
 * the worker, which looks every second anyway.
 */
export function createListener({ pool, clock }: ListenerDeps): Listener {
  const own = randomUUID();
  const listeners = new Set<() => void>();
  let client: PoolClient | null = null;
  const teller = createTeller(notify, clock);
  let connecting = false;
  let wasLost = false;
  let closed = false;
  let cancelAgain = (): void => undefined;

  /** On the client that listens, so that its silence shows; a command has none. */
  async function notify(): Promise<void> {
    const sql = `SELECT pg_notify('${CHANNEL}', '${own}')`;
    if (client !== null) return ask(client, sql);
    const lent = await pool.connect();
    await ask(lent, sql).finally(() => lent.release());
  }

  async function ask(on: PoolClient, sql: string): Promise<void> {
    const cancel = clock.after(SILENCE_MS_MAX, () => hangUp(on));
    await on.query(sql).finally(cancel);
  }

  async function connect(): Promise<void> {
    if (connecting || client !== null) return;
    connecting = true;
    try {
      const connected = await pool.connect();
      client = connected;
      connected.on("notification", ({ payload }) => {
        if (payload !== own) for (const heard of listeners) heard();
      });
      connected.once("end", () => lose(connected));
      await ask(connected, `LISTEN ${CHANNEL}`);
      // What was written while nobody listened.
      if (wasLost) for (const heard of listeners) heard();
      wasLost = false;
    } catch {
      lose(client);
    } finally {
      connecting = false;
    }
    // Closed meanwhile.
    if (listeners.size === 0) lose(client);
  }

  function lose(lost: PoolClient | null): void {
    if (lost !== client) return;
    client = null;
    wasLost = true;
    lost?.removeAllListeners("notification");
    lost?.release(true);
    cancelAgain();
    if (!closed && listeners.size > 0) cancelAgain = clock.after(LISTEN_AGAIN_MS, () => void connect());
  }

  return {
    tell: () => teller.tell(),
    listen(heard) {
      listeners.add(heard);
      void connect();
      return () => void listeners.delete(heard);
    },
    close() {
      closed = true;
      teller.stop();
      listeners.clear();
      lose(client);
      cancelAgain();
    },
  };
}

/** Of many in a row the first at once, and one for all that follow. */
function createTeller(
  notify: () => Promise<void>,
  clock: Pick<Clock, "after">,
): { tell(): void; stop(): void } {
  let isResting = false;
  let isOwed = false;
  let isStopped = false;
  let cancel = (): void => undefined;

  function tell(): void {
    isOwed = isResting;
    if (isResting || isStopped) return;
    isResting = true;
    const told = notify().catch(() => undefined);
    // Not before it has come through, or cannot: a server that hangs would collect them.
    cancel = clock.after(TELL_EVERY_MS, () => void told.then(rested));
  }

  function rested(): void {
    if (isStopped) return;
    isResting = false;
    if (isOwed) tell();
  }

  return {
    tell,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
