import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorRequestHandler, Request, Response } from "express";
import type { Clock } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import { ClientGone, isWhole } from "./body.ts";
import type { HttpLimits } from "./limits.ts";
import { problemOf, writeProblem, type ProblemAnswer } from "./problem.ts";

export interface AnswerDeps {
  emit: Emit;
  clock: Clock;
  limits: HttpLimits;
}

/** How a problem is put: JSON for programs; the dashboard brings a page. */
export type WriteProblem = (req: Request, res: Response, answer: ProblemAnswer) => void;

/** The last handler of a router: whatever was thrown becomes one answer, and what is nobody's fault is told. */
export function createErrorHandler(
  deps: AnswerDeps,
  write: WriteProblem = (_req, res, answer) => writeProblem(res, answer),
): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  return (error: unknown, req, res, _next) =>
    answerError(deps, error, req, res, routeOf(req), (answer) => write(req, res, answer));
}

/** @param route as it was declared: an address itself may hold a token */
export function answerError(
  deps: AnswerDeps,
  error: unknown,
  req: IncomingMessage,
  res: ServerResponse,
  route: string,
  write: (answer: ProblemAnswer) => void = (answer) => writeProblem(res, answer),
): void {
  if (error instanceof ClientGone || res.headersSent) {
    // Half an answer must not look like a whole one.
    res.destroy();
    return;
  }
  const answer = problemOf(error);
  tell(deps.emit, error, answer, req.method ?? "?", route);
  if (!isWhole(req)) res.setHeader("Connection", "close");
  write(answer);
  endPolitely(req, res, deps);
}

/** At least as many bytes a piece counts of what is thrown away: less than what is read at once of who sends no chunks. */
const DISCARDED_PIECE_BYTES = 1024;

/**
 * Ends an answer that is already written. A connection closed while the client still sends is reset, and the
 * reset takes the answer with it: so the rest of the body is thrown away first, for a bounded while.
 */
export function endPolitely(
  req: IncomingMessage,
  res: ServerResponse,
  { clock, limits }: Pick<AnswerDeps, "clock" | "limits">,
): void {
  if (isWhole(req)) {
    res.end();
    return;
  }
  let discarded = 0;
  const cancelTimer = clock.after(limits.lingerMs, finish);
  req.on("data", discard).once("end", finish).once("close", finish).once("error", finish);
  req.resume();

  function discard(chunk: Buffer): void {
    discarded += Math.max(chunk.length, DISCARDED_PIECE_BYTES);
    if (discarded > limits.lingerBytesMax) finish();
  }
  function finish(): void {
    cancelTimer();
    req.off("data", discard);
    res.end();
  }
}

function tell(emit: Emit, error: unknown, answer: ProblemAnswer, method: string, route: string): void {
  if (answer.code === "internal" || answer.code === "secret_unreadable") {
    emit({ event: "http.failed", method, route, detail: describe(error) });
  } else if (answer.code.startsWith("ledger_")) {
    emit({ event: "ledger.failed", detail: `${method} ${route}: ${describe(error)}` });
  }
}

function routeOf(req: Request): string {
  const route: unknown = req.route;
  const path = typeof route === "object" && route !== null && "path" in route ? route.path : undefined;
  return typeof path === "string" ? path : "(none)";
}

const DETAIL_CHARS_MAX = 300;

/** Enough to find the bug by. A parser's message quotes what it read, which may be a buyer's: it stays inside. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no Error was thrown";
  const place = /\bat (?:\S+ \()?(?:file:\/\/)?\S*?(src\/[\w./-]+:\d+)/.exec(error.stack ?? "")?.[1];
  const message = error instanceof SyntaxError ? "(message withheld)" : error.message;
  const text = `${error.name}: ${message}`.slice(0, DETAIL_CHARS_MAX);
  return place === undefined ? text : `${text} (${place})`;
}
