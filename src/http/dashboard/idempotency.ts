import { randomUUID } from "node:crypto";
import { keyOf } from "../act.ts";
import { html, type Html } from "./html.ts";

const FIELD = "idempotency_key";

/**
 * In every form that acts: made when the page is, so that a double click, or a reload of what was posted, is the same
 * act and is done once.
 */
export function idempotencyField(): Html {
  return html`<input type="hidden" name="${FIELD}" value="${randomUUID()}" />`;
}

/** @throws HttpProblem `invalid` */
export function formKeyOf(form: ReadonlyMap<string, string>): string | undefined {
  const written = form.get(FIELD);
  return written === undefined ? undefined : keyOf(written);
}
