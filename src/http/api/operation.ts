import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { ORDER_ID_CHARS_MAX } from "../../core/cancellation.ts";
import { parseJson } from "../../core/json.ts";
import { askedBy, type Asked } from "../act.ts";
import { readBody } from "../body.ts";
import type { AnswerDeps } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import type { Gatekeeper } from "../gatekeeper.ts";
import { HttpProblem, type ProblemCode } from "../problem.ts";
import { publicPath } from "../public-path.ts";
import { pathParameter, queryOf } from "../request.ts";
import { parseQuery, parseWith } from "./query.ts";

/**
 * One operation of the operators' API, said once: the router serves it and OpenAPI describes it from the same
 * object, so that the two cannot part.
 */
export interface Operation {
  name: string;
  method: "get" | "post";
  /** As OpenAPI writes it: `/api/v1/deliveries/{id}`. */
  path: string;
  /** `open` needs no token, `read` either, `act` the admin's. */
  access: "open" | "read" | "act";
  /** Comes to the same however often it is asked for: takes no Idempotency-Key. */
  repeatable?: true;
  summary: string;
  /** What the summary cannot say. */
  description?: string;
  query: z.ZodObject;
  /** Null: takes none. */
  body: z.ZodObject | null;
  answer: AnswerShape;
  refusals: readonly ProblemCode[];
  /** A second status with the same answer. */
  otherStatus?: 503;
  run: (input: {
    parameter: (name: string) => string;
    query: string;
    body: unknown;
    asked: Asked;
  }) => Promise<Result>;
}

export type AnswerShape =
  { kind: "json"; status: 200 | 201; schema: z.ZodType } | { kind: "text"; status: 200; contentType: string };

export interface Result {
  value: unknown;
  headers?: Record<string, string>;
  /** Id of the delivery that was made of it: `Location` leads there. */
  delivery?: string;
  /** Where it differs from the operation's own. */
  status?: 503;
}

type Fixed = Pick<
  Operation,
  "name" | "method" | "path" | "access" | "repeatable" | "summary" | "description" | "otherStatus"
> & {
  refusals?: readonly ProblemCode[];
};

interface Input<Query extends z.ZodObject, Body extends z.ZodObject> {
  parameter: (name: string) => string;
  query: z.output<Query>;
  body: z.output<Body>;
  /** For those that act. */
  asked: Asked;
}

const NONE = z.strictObject({});
/** Who only reads is written down nowhere. */
const NOBODY: Asked = { by: "", key: undefined };

/** An operation that answers JSON; `handle` gets what its schemas let through and returns what they promise. */
export function jsonOperation<
  Answer extends z.ZodType,
  Query extends z.ZodObject = typeof NONE,
  Body extends z.ZodObject = typeof NONE,
>(
  fixed: Fixed & { status?: 200 | 201; query?: Query; body?: Body; answer: Answer },
  handle: (input: Input<Query, Body>) => Promise<Result & { value: z.input<Answer> }>,
): Operation {
  const { query, body, answer, status = 200, refusals = [], ...rest } = fixed;
  return {
    ...rest,
    refusals,
    query: query ?? NONE,
    body: body ?? null,
    answer: { kind: "json", status, schema: answer },
    run: (input) =>
      handle({
        parameter: input.parameter,
        asked: input.asked,
        query: parseQuery(query ?? NONE, input.query) as z.output<Query>,
        body: parseWith(body ?? NONE, input.body, "field") as z.output<Body>,
      }),
  };
}

/** An operation that answers text of one type; what it is asked with makes it no other. */
export function textOperation(
  fixed: Fixed & { contentType: string; query?: z.ZodObject },
  handle: (parameter: (name: string) => string) => Promise<Result & { value: string }>,
): Operation {
  const { contentType, query = NONE, refusals = [], ...rest } = fixed;
  return {
    ...rest,
    refusals,
    query,
    body: null,
    answer: { kind: "text", status: 200, contentType },
    run: (input) => {
      parseQuery(query, input.query);
      return handle(input.parameter);
    },
  };
}

interface MountDeps extends AnswerDeps, Pick<HttpDeps, "public_url"> {
  gatekeeper: Gatekeeper;
}

/** Serves the operations; any other method on their paths is 405 with what there is. */
export function operationRoutes(deps: MountDeps, operations: readonly Operation[]): Router {
  const router = Router({ caseSensitive: true });
  const paths = [...new Set(operations.map((operation) => operation.path))];
  for (const path of paths) {
    const here = operations.filter((operation) => operation.path === path);
    const route = router.route(path.replace(/\{(\w+)\}/g, ":$1"));
    for (const operation of here) route[operation.method]((req, res) => serve(deps, operation, req, res));
    const allow = here.map(({ method }) => (method === "get" ? "GET, HEAD" : "POST")).join(", ");
    route.all(() => {
      throw new HttpProblem("method_not_allowed", `This address takes ${allow}.`, { Allow: allow });
    });
  }
  return router;
}

async function serve(deps: MountDeps, operation: Operation, req: Request, res: Response): Promise<void> {
  let asked: Asked = NOBODY;
  if (operation.access !== "open") {
    const caller = deps.gatekeeper.callerOf(req);
    if (operation.access === "act") {
      deps.gatekeeper.mayAct(req, caller);
      asked = askedBy(req, caller);
    }
  }
  const result = await operation.run({
    parameter: (name) => boundedParameter(req, name),
    query: queryOf(req),
    asked,
    body: operation.method === "post" ? await jsonBodyOf(deps, req) : {},
  });
  res.status(result.status ?? operation.answer.status);
  if (operation.answer.kind === "text") res.set("Content-Type", operation.answer.contentType);
  res.set(result.headers ?? {});
  if (result.delivery !== undefined) {
    res.set("Location", `${publicPath(deps.public_url)}/api/v1/deliveries/${result.delivery}`);
  }
  if (operation.answer.kind === "json") res.json(result.value);
  else res.end(result.value);
}

/** Longer than any id or name, of which an order's is the longest: there is no such thing, and nobody need look. */
function boundedParameter(req: Request, name: string): string {
  const value = pathParameter(req, name);
  if (Array.from(value).length > ORDER_ID_CHARS_MAX)
    throw new HttpProblem("not_found", `There is no such ${name}.`);
  return value;
}

async function jsonBodyOf({ limits, clock }: MountDeps, req: Request): Promise<unknown> {
  const body = await readBody(req, { bytesMax: limits.formBytesMax, ms: limits.bodyMs }, clock);
  if (body.length === 0) return {};
  const type = req.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type) || req.headers["content-encoding"] !== undefined) {
    throw new HttpProblem("unsupported_body", "Send the body as plain application/json.");
  }
  try {
    return parseJson(body.toString("utf8"));
  } catch {
    throw new HttpProblem("invalid", "The body is not JSON.");
  }
}
