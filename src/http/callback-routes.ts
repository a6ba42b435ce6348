import { Router, type Request, type Response } from "express";
import type { Confirmation } from "../core/delivery.ts";
import type { Emit } from "../observe/events.ts";
import type { Relay } from "../relay.ts";
import { endPolitely, type AnswerDeps } from "./answer.ts";
import { isWhole, readSome } from "./body.ts";
import { HttpProblem } from "./problem.ts";
import { pathParameter, queryOf } from "./request.ts";

/** Reads what the printer cloud called back (goodcom/callback.ts). */
export type ReadCallback = (input: {
  method: string;
  query: string;
  content_type: string | null;
  body: Buffer;
}) => { confirmation: Confirmation; raw: string };

interface CallbackDeps extends AnswerDeps {
  relay: Pick<Relay, "confirm">;
  readCallback: ReadCallback;
  isCallbackToken: (deliveryId: string, token: string) => boolean;
}

const PATH = "/callbacks/goodcom/:delivery/:token";

/**
 * The printer's confirmation. Goodcom documents neither method nor fields, so GET and POST both count and any
 * body is answered 200: the unguessable address alone says that it is genuine.
 */
export function callbackRoutes(deps: CallbackDeps): Router {
  const router = Router({ caseSensitive: true });
  // Before GET's own route: Express would let a HEAD, which link checkers send, confirm a slip.
  router.head(PATH, refuseMethod);
  router.get(PATH, (req, res) => confirm(deps, req, res));
  router.post(PATH, (req, res) => confirm(deps, req, res));
  router.all(PATH, refuseMethod);
  return router;
}

async function confirm(deps: CallbackDeps, req: Request, res: Response): Promise<void> {
  const [delivery, token] = [pathParameter(req, "delivery"), pathParameter(req, "token")];
  // First: reading what a stranger wrote costs more than anything else that they may send.
  if (!deps.isCallbackToken(delivery, token)) throw nobodys();
  const { callbackBytesMax, callbackMs } = deps.limits;
  const body = await readSome(req, { bytesMax: callbackBytesMax, ms: callbackMs }, deps.clock);
  const callback = read(deps.readCallback, deps.emit, req, body);
  if (!(await deps.relay.confirm(delivery, token, callback))) throw nobodys();
  if (!isWhole(req)) res.setHeader("Connection", "close");
  res.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Content-Length": 2 });
  res.write("OK");
  endPolitely(req, res, deps);
}

function nobodys(): HttpProblem {
  return new HttpProblem("not_found", "No delivery has this callback address.");
}

/** A body that breaks its reader still proves that the printer called. */
function read(readCallback: ReadCallback, emit: Emit, req: Request, body: Buffer): ReturnType<ReadCallback> {
  try {
    const content_type = req.headers["content-type"] ?? null;
    return readCallback({ method: req.method, query: queryOf(req), content_type, body });
  } catch (error) {
    const detail = `callback not readable: ${error instanceof Error ? error.name : "?"}`;
    emit({ event: "http.failed", method: req.method, route: PATH, detail });
    return { confirmation: { verdict: "unrecognised", message: null, time: null }, raw: "{}" };
  }
}

function refuseMethod(): never {
  throw new HttpProblem("method_not_allowed", "Callbacks come by GET or POST.", { Allow: "GET, POST" });
}
