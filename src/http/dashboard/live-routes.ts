import { Router, type Response } from "express";
import { SECOND_MS } from "../../core/time.ts";
import { createErrorHandler } from "../answer.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../request.ts";
import { createRoom } from "../room.ts";
import type { DashboardDeps } from "./visit.ts";

/** nginx would hold events back until its buffer is full. */
const STREAM = { "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" };

/**
 * `GET /live`: server-sent events that say "look again", for the page script. They carry no data: the page asks for
 * itself, so there is one way in which a page is made and one place that says who may read it.
 */
export function liveRoutes(deps: DashboardDeps): Router {
  const { clock, limits, changes, closing } = deps;
  const open = new Set<Response>();
  const room = createRoom({
    max: limits.liveStreamsMax,
    forAdmins: limits.liveStreamsForAdmins,
    perCallerMax: limits.liveStreamsPerCallerMax,
  });
  closing.addEventListener("abort", () => {
    for (const res of open) res.end();
  });
  const router = Router({ caseSensitive: true });
  router.get("/live", (req, res) => {
    const caller = deps.gatekeeper.callerOf(req);
    if (req.method === "HEAD") {
      res.writeHead(200, STREAM).end();
      return;
    }
    if (!room.takes(caller) || closing.aborted) {
      // By the next beat the place of whoever is gone is free.
      throw new HttpProblem("too_many_requests", "Too many pages are followed at once: close some.", {
        "Retry-After": String(Math.ceil(limits.liveBeatMs / SECOND_MS)),
      });
    }
    room.add(caller);
    res.once("close", () => room.delete(caller));
    const only = new URLSearchParams(queryOf(req)).get("order");
    follow(res, only);
  });
  router.use(createErrorHandler(deps));
  return router;

  function follow(res: Response, only: string | null): void {
    let cancelNext: (() => void) | null = null;
    let told = -Infinity;
    open.add(res);
    res.writeHead(200, STREAM);
    res.write(`retry: ${limits.liveRetryMs}\n\n`);
    const stop = changes.subscribe((order) => {
      if (only !== null && order !== null && order !== only) return;
      cancelNext ??= clock.after(waitMs(), tell);
    });
    let cancelBeat = clock.after(limits.liveBeatMs, beat);
    // From time to time the browser comes anew, and must still be signed in.
    const cancelEnd = clock.after(limits.liveMs, () => res.end());
    res.once("close", () => {
      open.delete(res);
      stop();
      cancelNext?.();
      cancelBeat();
      cancelEnd();
    });

    /** A clock that was set back must not make anybody wait for longer. */
    function waitMs(): number {
      return Math.min(limits.liveEveryMs, Math.max(0, told + limits.liveEveryMs - clock.now()));
    }
    function tell(): void {
      cancelNext = null;
      told = clock.now();
      write("event: changed\ndata:\n\n");
    }
    function beat(): void {
      cancelBeat = clock.after(limits.liveBeatMs, beat);
      write("event: beat\ndata:\n\n");
    }
    /** Who does not read is told nothing more: what waits in memory stays bounded. */
    function write(text: string): void {
      if (!res.writableNeedDrain) res.write(text);
    }
  }
}
