import type { ServerResponse } from "node:http";
import { RelayError, type ErrorCode } from "../core/errors.ts";
import { LEDGER_RETRY_AFTER_S, STORE_RETRY_AFTER_S, UNDER_WAY_RETRY_AFTER_S } from "./limits.ts";

/** Refusals that only HTTP knows. */
type HttpCode =
  | "unauthorized"
  | "forbidden"
  | "signature_refused"
  | "method_not_allowed"
  | "body_too_slow"
  | "body_too_large"
  | "unsupported_body"
  | "too_many_requests"
  | "malformed_request"
  | "headers_too_large"
  | "internal";
export type ProblemCode = ErrorCode | HttpCode;

interface ProblemKind {
  status: number;
  title: string;
  /** What is said instead of the error's own message: where that may name paths, keys or nothing useful. */
  detail?: string;
  retryAfterS?: number;
}

const LEDGER_DETAIL = "The relay cannot reach its ledger now. Send the same request again later.";

/** The one table from refusals to HTTP (core/errors.ts). The code is the last part of the problem's `type`. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  not_found: { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Not possible in this state" },
  key_reused: { status: 422, title: "Idempotency-Key used for another request" },
  repeated: { status: 409, title: "Still under way", retryAfterS: UNDER_WAY_RETRY_AFTER_S },
  store_refused: { status: 422, title: "Refused by the store" },
  store_unavailable: {
    status: 503,
    title: "The store cannot be asked",
    retryAfterS: STORE_RETRY_AFTER_S,
  },
  invalid: { status: 400, title: "Invalid request" },
  ledger_unavailable: {
    status: 503,
    title: "Ledger unavailable",
    detail: LEDGER_DETAIL,
    retryAfterS: LEDGER_RETRY_AFTER_S,
  },
  ledger_in_use: {
    status: 503,
    title: "Ledger unavailable",
    detail: LEDGER_DETAIL,
    retryAfterS: LEDGER_RETRY_AFTER_S,
  },
  ledger_newer: {
    status: 503,
    title: "Ledger unavailable",
    detail: LEDGER_DETAIL,
    retryAfterS: LEDGER_RETRY_AFTER_S,
  },
  secret_unreadable: {
    status: 500,
    title: "A stored secret cannot be read",
    detail: "The relay's encryption key does not open its stored secrets. Run `relay doctor` on its machine.",
  },
  unauthorized: { status: 401, title: "Not signed in" },
  forbidden: { status: 403, title: "Not allowed" },
  signature_refused: { status: 401, title: "Webhook refused" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  body_too_slow: { status: 408, title: "Body too slow" },
  body_too_large: { status: 413, title: "Body too large" },
  unsupported_body: { status: 415, title: "Unsupported body" },
  too_many_requests: { status: 429, title: "Too many attempts" },
  malformed_request: { status: 400, title: "Malformed request" },
  headers_too_large: { status: 431, title: "Headers too large" },
  internal: {
    status: 500,
    title: "Internal error",
    detail: "Something failed inside the relay. Its log has an `http.failed` line for it.",
  },
};

/** A refusal of HTTP's own. Its message is the problem's `detail`: for outside, so no secret and no token. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = "HttpProblem";
    this.code = code;
    this.headers = headers;
  }
}

/** RFC 9457. `type` is stable: scripts may depend on it. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
}

export interface ProblemAnswer {
  code: ProblemCode;
  body: ProblemBody;
  headers: Record<string, string>;
}

const PROBLEM_TYPE_PREFIX = "urn:goodcom-relay:problem:";
export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/** What an error looks like from outside. An unknown one says nothing. */
export function problemOf(error: unknown): ProblemAnswer {
  const code = codeOf(error);
  const kind = PROBLEMS[code];
  const own = error instanceof URIError ? "The address has malformed percent-encoding." : messageOf(error);
  const headers: Record<string, string> = error instanceof HttpProblem ? { ...error.headers } : {};
  if (kind.retryAfterS !== undefined) headers["Retry-After"] = String(kind.retryAfterS);
  return {
    code,
    headers,
    body: {
      type: PROBLEM_TYPE_PREFIX + code,
      title: kind.title,
      status: kind.status,
      detail: kind.detail ?? own,
    },
  };
}

function codeOf(error: unknown): ProblemCode {
  if (error instanceof HttpProblem || error instanceof RelayError) return error.code;
  // Express's router: a path segment that is no percent-encoding.
  if (error instanceof URIError) return "malformed_request";
  return "internal";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/** Ends the answer with a problem; the caller sees to what is left of the request. */
export function writeProblem(res: ServerResponse, answer: ProblemAnswer): void {
  const text = JSON.stringify(answer.body);
  res.writeHead(answer.body.status, {
    ...answer.headers,
    "Content-Type": PROBLEM_CONTENT_TYPE,
    "Content-Length": Buffer.byteLength(text),
  });
  res.write(text);
}
