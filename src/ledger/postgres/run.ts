import type { ClientBase } from "pg";
import type { Step, Work } from "../sql/statement.ts";
import { createAsk, type Ask, type Member } from "./ask.ts";
import { POSITION, type CommitMemory } from "./commit-memory.ts";
import { createPlan, newPlace, type Place, type Plan } from "./plan.ts";
import { createWire, type Wire } from "./wire.ts";

/** One client, and with it at most one transaction at a time. */
export interface Session {
  /**
   * Runs a work to its end; several may be run at once: their statements go side by side, each work's in its order.
   * @param company with `others` a work that wants to be alone ends by `WantsAlone`, and has written nothing
   * @param place one for works that are run one after the other while others are under way
   * @throws what the work does, and what its statements do
   */
  run<Result>(work: Work<Result>, company: "others" | "alone", place?: Place): Promise<Result>;
  /** @returns the command as the server tells it: `ROLLBACK` to a COMMIT of what has failed */
  command(sql: Command): Promise<string>;
  /** Whether any row was changed. */
  hasWritten(): boolean;
  /** @see Wire */
  isSpent(): boolean;
}

export type Command =
  | "BEGIN"
  | "COMMIT"
  | "ROLLBACK"
  | "SAVEPOINT call"
  | "ROLLBACK TO call"
  | "RELEASE call"
  | `SET LOCAL lock_timeout = ${number}`;

/** The work is to be begun anew, when no other is under way in its transaction. */
export class WantsAlone extends Error {}

/** @param commits what is remembered of those that are done here */
export function createSession(client: ClientBase, commits?: CommitMemory): Session {
  const wire = createWire(client);
  const plan = createPlan<Member>((sendAll) => wire.together(sendAll));
  /** What failed first of what nobody waited for: all that fails after it only says that something has. */
  let unseen: Error | null = null;
  let written = false;
  const ask = createAsk(wire, plan, () => (written = true));
  const run = createRun(
    plan,
    ask,
    (error) => (unseen ??= error),
    (error) => unseen ?? error,
  );

  return {
    run(work, company, place = newPlace()) {
      if (company === "alone") plan.close();
      return run(work, company, place);
    },
    command: (sql) =>
      new Promise<string>((resolve, reject) =>
        plan.wall(() => {
          const remember = sql === "COMMIT" ? askPosition(client, wire, commits) : undefined;
          wire.query({ text: sql }, (error, told) => {
            if (told?.command === "COMMIT" && written) remember?.();
            if (error === null) resolve(told?.command ?? "");
            else reject(unseen ?? error);
          });
        }),
      ).finally(() => (unseen = null)),
    hasWritten: () => written,
    isSpent: () => wire.isSpent(),
  };
}

/** @returns what is to be called when the commit that is asked for next is done */
function askPosition(client: ClientBase, wire: Wire, commits: CommitMemory | undefined): () => void {
  let position: string | undefined;
  if (commits?.knows(client) === true) {
    wire.query(POSITION, (_, told) => {
      position = (told?.rows[0] as { position: string } | undefined)?.position;
    });
  }
  return () => {
    if (position !== undefined) commits?.committed(client, position);
  };
}

/**
 * @param onUnseen told of what fails of what nobody waits for
 * @param causeOf what is thrown where something has failed
 */
function createRun(
  plan: Plan<Member>,
  ask: Ask,
  onUnseen: (error: Error | null) => void,
  causeOf: (error: Error) => Error,
): <Result>(work: Work<Result>, company: "others" | "alone", place: Place) => Promise<Result> {
  const turns = createTurns();

  function perform(
    step: Step,
    company: "others" | "alone",
    has: Turns,
    place: Place,
  ): Promise<unknown> | undefined {
    if (step === "alone") {
      if (company === "others") throw new WantsAlone();
      return undefined;
    }
    if ("together" in step) {
      const places = step.together.map(() => ({ ...place }));
      return allOf(step.together.map((work, index) => run(work, company, places[index] ?? place))).finally(
        () => places.forEach((other) => plan.follow(place, other)),
      );
    }
    if ("turn" in step) return has.take(step.turn)?.then(() => plan.catchUp(place));
    if ("postgres" in step) return run(step.postgres(), company, place);
    // Should it fail, so does all that follows in the transaction, and its COMMIT is told to be a ROLLBACK.
    if (step.want === "put") {
      ask(step, place, onUnseen);
      return undefined;
    }
    return new Promise((resolve, reject) =>
      ask(step, place, (error, outcome) => (error === null ? resolve(outcome) : reject(causeOf(error)))),
    );
  }

  async function run<Result>(work: Work<Result>, company: "others" | "alone", place: Place): Promise<Result> {
    const has = turns();
    try {
      let next = work.next();
      while (next.done !== true) {
        let outcome: unknown;
        try {
          const performed = perform(next.value, company, has, place);
          outcome = performed === undefined ? undefined : await performed;
        } catch (error) {
          next = work.throw(error);
          continue;
        }
        next = work.next(outcome);
      }
      return next.value;
    } finally {
      has.leave();
    }
  }

  return run;
}

/**
 * None is under way any more when one has failed: what it wrote then would be written behind the ROLLBACK.
 * @throws what failed first
 */
async function allOf(running: readonly Promise<unknown>[]): Promise<unknown[]> {
  try {
    return await Promise.all(running);
  } catch (error) {
    await Promise.allSettled(running);
    throw error;
  }
}

/** What one work has of what its transaction's works do one after the other. */
interface Turns {
  take(of: string): Promise<unknown> | undefined;
  leave(): void;
}

function createTurns(): () => Turns {
  const last = new Map<string, Promise<unknown>>();
  return () => {
    const taken = new Map<string, (nothing: null) => void>();
    return {
      take(of) {
        if (taken.has(of)) return undefined;
        const before = last.get(of);
        const { promise, resolve } = Promise.withResolvers<unknown>();
        taken.set(of, resolve);
        last.set(of, promise);
        return before;
      },
      leave() {
        for (const leave of taken.values()) leave(null);
      },
    };
  };
}
