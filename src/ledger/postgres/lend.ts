import type { PoolClient } from "pg";
import { RelayError } from "../../core/errors.ts";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import { hangUp, type Clients } from "./pool.ts";
import { createSession, type Session } from "./run.ts";

/**
 * Lends a client for as long as `work` lasts, which is bounded.
 *
 * @throws what `work` throws, what connecting throws, and `ETIMEDOUT` when the time is over
 */
export type Lend = <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;

/** Longer than any statement may take: a server that has not answered by now will not, and its connection is given up. */
const SILENCE_MS_MAX = 12 * SECOND_MS;

export function createLend(
  { pool, commits }: Pick<Clients, "pool" | "commits">,
  clock: Pick<Clock, "after">,
): Lend {
  return async (work) => {
    const silence = Promise.withResolvers<never>();
    let client: PoolClient | null = null;
    let isLate = false;

    async function use(): Promise<Awaited<ReturnType<typeof work>>> {
      client = await pool.connect();
      const session = createSession(client, commits);
      // One that has failed in the middle of something may have it still open, or under way.
      let isSpent = true;
      try {
        if (isLate) throw silent();
        const result = await work(session);
        isSpent = session.isSpent();
        return result;
      } catch (error) {
        // A refusal of our own says nothing against the client.
        if (error instanceof RelayError) isSpent = session.isSpent();
        throw error;
      } finally {
        if (isSpent) hangUp(client);
        client.release(isSpent);
      }
    }

    const cancel = clock.after(SILENCE_MS_MAX, () => {
      isLate = true;
      silence.reject(silent());
      if (client !== null) hangUp(client);
    });
    try {
      return await Promise.race([use(), silence.promise]);
    } finally {
      cancel();
    }
  };
}

function silent(): Error {
  return Object.assign(new Error("the server says nothing"), { code: "ETIMEDOUT" });
}
