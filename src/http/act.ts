import type { IncomingMessage } from "node:http";
import { actorOf } from "../core/actor.ts";
import type { Caller } from "./gatekeeper.ts";
import { HttpProblem } from "./problem.ts";

/** Who acts, in the history's words, and under which key it is done once. */
export interface Asked {
  by: string;
  key: string | undefined;
}

export const KEY_HEADER = "Idempotency-Key";
export const OPERATOR_HEADER = "Relay-Operator";

/** Longer than any UUID, ULID or name of a job. */
export const KEY_CHARS_MAX = 255;

/** A String of RFC 9651, as draft-ietf-httpapi-idempotency-key-header has it. */
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/;
/** What most clients send instead. No comma: a header that is sent twice is joined by one. */
const BARE = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/** @throws HttpProblem `invalid` when there is a key and it is none */
export function askedBy(req: IncomingMessage, caller: Caller): Asked {
  const key = req.headers[KEY_HEADER.toLowerCase()];
  const name = req.headers[OPERATOR_HEADER.toLowerCase()];
  return {
    by: actorOf("operator", typeof name === "string" ? utf8Of(name) : caller.name),
    key: key === undefined ? undefined : keyOf(String(key)),
  };
}

/** @throws HttpProblem `invalid` */
export function keyOf(written: string): string {
  const text = written.trim();
  const key = QUOTED.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : BARE.test(text) ? text : "";
  if (key !== "" && key.length <= KEY_CHARS_MAX) return key;
  throw new HttpProblem(
    "invalid",
    `${KEY_HEADER} must be one key of 1 to ${KEY_CHARS_MAX} printable ASCII characters, such as a UUID; in double quotes if it holds blanks or commas.`,
  );
}

/** Clients send a header's letters beyond ASCII as UTF-8, and node reads every byte as one. */
function utf8Of(header: string): string {
  const bytes = Buffer.from(header, "latin1");
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? header : text;
}
