import { randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { SECOND_MS, type Clock } from "../../core/time.ts";

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

/**
 * By LISTEN and NOTIFY. A notice that is lost, with a connection or by a pooler that knows no LISTEN, is made up for by
 * the worker, which looks every second anyway.
 */
export function createListener({ pool, clock }: ListenerDeps): Listener {
  const own = randomUUID();
  const teller = createTeller({ pool, clock }, own);
  const listeners = new Set<() => void>();
  let client: PoolClient | null = null;
  let connecting = false;
  let wasLost = false;
  let closed = false;
  let cancelAgain = (): void => undefined;

  async function connect(): Promise<void> {
    if (connecting || client !== null) return;
    connecting = true;
    try {
      const connected = await pool.connect();
      client = connected;
      connected.on("notification", ({ payload }) => {
        if (payload !== own) for (const heard of listeners) heard();
      });
      connected.once("error", () => lose(connected));
      connected.once("end", () => lose(connected));
      await connected.query(`LISTEN ${CHANNEL}`);
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
function createTeller({ pool, clock }: ListenerDeps, own: string): { tell(): void; stop(): void } {
  let isResting = false;
  let isOwed = false;
  let cancel = (): void => undefined;

  function tell(): void {
    isOwed = isResting;
    if (isResting) return;
    isResting = true;
    pool.query("SELECT pg_notify($1, $2)", [CHANNEL, own]).catch(() => undefined);
    cancel = clock.after(TELL_EVERY_MS, () => {
      isResting = false;
      if (isOwed) tell();
    });
  }
  return {
    tell,
    stop() {
      isResting = true;
      cancel();
    },
  };
}
