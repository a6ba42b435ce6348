import type { ServerResponse } from "node:http";
import { Router } from "express";
import { createLeisurely } from "../core/leisurely.ts";
import type { Clock } from "../core/time.ts";
import { createErrorHandler } from "./answer.ts";
import { ClientGone } from "./body.ts";
import { writePageProblem } from "./dashboard/problem-page.ts";
import type { DashboardDeps } from "./dashboard/visit.ts";
import { BUSY_RETRY_AFTER_S, type HttpLimits } from "./limits.ts";
import { HttpProblem, writeProblem } from "./problem.ts";
import { isForPrograms } from "./request.ts";
import { createRoom, type Guest } from "./room.ts";

/**
 * What stands behind it is worked on for a few operators' requests at once, so that no flood of them, with whatever
 * token, keeps a store's webhook waiting. One more waits for its turn. Who is nobody we know goes through: what comes
 * next turns them away, and that is quick.
 */
export function turnstileRoutes(deps: DashboardDeps): Router {
  const turnstile = createTurnstile(deps.limits, deps.clock);
  const router = Router({ caseSensitive: true });
  router.use(async (req, res, next) => {
    const caller = deps.gatekeeper.visitorOf(req);
    if (caller !== null) await turnstile.enter(caller, res);
    next();
  });
  router.use(
    createErrorHandler(deps, (req, res, answer) => {
      if (isForPrograms(req)) writeProblem(res, answer);
      else writePageProblem(deps, req, res, answer);
    }),
  );
  return router;
}

type Bounds = Pick<
  HttpLimits,
  | "visitsMax"
  | "visitsForAdmins"
  | "visitsPerCallerMax"
  | "waitingMax"
  | "waitingForAdmins"
  | "waitingPerCallerMax"
  | "waitingMs"
  | "answerMs"
>;

interface Turnstile {
  /**
   * Resolves when it is this request's turn. Its place is free again once its answer is out or its connection has ended.
   * @throws HttpProblem `too_many_requests` when too many wait, or it waited too long; ClientGone
   */
  enter(caller: Guest, res: ServerResponse): Promise<void>;
}

function createTurnstile(limits: Bounds, clock: Clock): Turnstile {
  const inside = createRoom({
    max: limits.visitsMax,
    forAdmins: limits.visitsForAdmins,
    perCallerMax: limits.visitsPerCallerMax,
  });
  const queue = createRoom({
    max: limits.waitingMax,
    forAdmins: limits.waitingForAdmins,
    perCallerMax: limits.waitingPerCallerMax,
  });
  /** A flood asks again as soon as it is refused: so it is not refused sooner than the others get on. */
  const refusals = createLeisurely();
  /** Of those in the queue, the longest waiting first: what lets them in. */
  const turns = new Map<Guest, () => void>();

  function letIn(guest: Guest, res: ServerResponse): void {
    inside.add(guest);
    const cancelCut = cutUnread(res, limits.answerMs, clock);
    res.once("close", () => {
      cancelCut();
      inside.delete(guest);
      callNext();
    });
  }

  function wait(guest: Guest, res: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = (): void => leave(() => reject(new ClientGone()));
      const cancelTimer = clock.after(limits.waitingMs, () => leave(() => reject(tooBusy())));
      queue.add(guest);
      res.once("close", gone);
      turns.set(guest, () =>
        leave(() => {
          letIn(guest, res);
          resolve();
        }),
      );

      function leave(settle: () => void): void {
        cancelTimer();
        res.off("close", gone);
        queue.delete(guest);
        turns.delete(guest);
        settle();
      }
    });
  }

  function refuse(res: ServerResponse): Promise<never> {
    return new Promise((_resolve, reject) => {
      refusals.add(() => reject(res.destroyed ? new ClientGone() : tooBusy()));
    });
  }

  /** Who has least under way goes first, so that no crowd of one caller stands before another's single request. */
  function callNext(): void {
    const able = [...turns.keys()].filter((guest) => inside.takes(guest));
    const least = Math.min(...able.map((guest) => inside.of(guest)));
    const next = able.find((guest) => inside.of(guest) === least);
    if (next !== undefined) turns.get(next)?.();
  }

  return {
    async enter({ role, who }, res) {
      const guest = { role, who };
      if (inside.takes(guest)) letIn(guest, res);
      else if (queue.takes(guest)) await wait(guest, res);
      else await refuse(res);
    },
  };
}

/** An answer that nobody reads would keep its place, and its memory. @returns what calls the cut off */
function cutUnread(res: ServerResponse, ms: number, clock: Clock): () => void {
  let cancelTimer = (): void => undefined;
  res.once("prefinish", () => {
    cancelTimer = clock.after(ms, () => res.destroy());
  });
  return () => cancelTimer();
}

function tooBusy(): HttpProblem {
  return new HttpProblem(
    "too_many_requests",
    "Too many requests of operators are under way at once. Send this one again later, and fewer at a time.",
    { "Retry-After": String(BUSY_RETRY_AFTER_S) },
  );
}
