import type { ClientBase, QueryConfig } from "pg";
import { needsNewClient } from "./errors.ts";

/** What is looked at of pg's own result. */
export interface Told {
  command: string | null;
  rows: unknown[];
  rowCount: number | null;
}

/** A client whose statements are sent without waiting for answers. */
export interface Wire {
  query(config: QueryConfig, done: (error: Error | null, told: Told | undefined) => void): void;
  /** All that is asked meanwhile goes in one write: each is a call to the system otherwise. */
  together(ask: () => void): void;
  /** Whether it is of no more use: it has a transaction open, or another client, newly connected, may do better. */
  isSpent(): boolean;
}

export function createWire(client: ClientBase): Wire {
  const { stream } = (client as unknown as { connection: { stream: Corked } }).connection;
  let spent = false;
  return {
    query(config, done) {
      client.query<object>(config, (error: Error | null, told: Told | undefined) => {
        spent ||= needsNewClient(error);
        done(error, told);
      });
    },
    together(ask) {
      stream.cork();
      ask();
      stream.uncork();
    },
    isSpent: () => spent || client.getTransactionStatus() !== "I",
  };
}
interface Corked {
  cork(): void;
  uncork(): void;
}
