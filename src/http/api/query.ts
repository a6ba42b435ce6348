import { z } from "zod";
import { ALERT_STATES, ALERT_TYPES } from "../../core/alert.ts";
import { DELIVERY_STATES } from "../../core/delivery.ts";
import { digitsOr } from "../../core/from-text.ts";
import { cursorOf } from "../../answers/json.ts";
import { HttpProblem } from "../problem.ts";
import { webhookStatus } from "../../answers/schemas.ts";

/** What may be asked for in a query string; the dashboard's search uses the same. */
const PAGE_DEFAULT = 50;
const PAGE_MAX = 200;
const TEXT_CHARS_MAX = 200;

const text = z.string().max(TEXT_CHARS_MAX);
const limit = digitsOr(z.number(`must be a whole number from 1 to ${PAGE_MAX}`).int().min(1).max(PAGE_MAX))
  .default(PAGE_DEFAULT)
  .describe("items on a page");
const cursor = z
  .string()
  .max(TEXT_CHARS_MAX)
  .transform((opaque, context) => {
    const id = Buffer.from(opaque, "base64url").toString("latin1");
    // With the mark that a search puts before an id.
    if (/^=?[\w-]{1,100}$/.test(id) && cursorOf(id) === opaque) return id;
    context.addIssue({ code: "custom", message: "is not a cursor that this relay gave" });
    return z.NEVER;
  })
  .describe("`next_cursor` of the page before");
export const moment = z
  .string()
  // A `+` that nobody percent-encoded arrives as a blank.
  .transform((written) => written.replace(" ", "+"))
  .pipe(z.iso.datetime({ offset: true, error: "is not RFC 3339, such as 2026-11-24T02:13:00Z" }))
  .transform((written) => Date.parse(written))
  .meta({ description: "RFC 3339", format: "date-time" });

export const pageQuery = z.strictObject({ limit, cursor: cursor.optional() });

/** Of stores and printers. */
export const namedQuery = z.strictObject({
  q: text.optional().describe("part of the name"),
  ...pageQuery.shape,
});

export const attemptQuery = z.strictObject({
  limit,
  cursor: cursor.refine((place) => /^\d{1,15}$/.test(place), "is not one of attempts").optional(),
});

export const deliveryQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  store: text.optional(),
  printer: text.optional(),
  order: text.optional().describe("the order's id or name, exactly; a leading # does not count"),
  q: text
    .optional()
    .describe(
      "part of the order's id or name, the reason, the delivery's id, or the buyer's name or phone number",
    ),
  since: moment.optional().describe("created at this moment or later"),
  until: moment.optional().describe("created before this moment"),
  ...pageQuery.shape,
});

export const webhookQuery = z.strictObject({
  status: webhookStatus.optional(),
  store: text.optional(),
  ...pageQuery.shape,
});

export const alertQuery = z.strictObject({
  state: z.enum(ALERT_STATES).optional(),
  type: z.enum(ALERT_TYPES).optional(),
  ...pageQuery.shape,
});

/** A page out of one item more than it holds: the extra one only tells that another page follows. */
export function pageFrom<Row, Item>(
  rows: readonly Row[],
  limitAsked: number,
  idOf: (row: Row) => string,
  show: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, limitAsked);
  const last = shown.at(-1);
  const more = rows.length > limitAsked && last !== undefined;
  return { items: shown.map(show), next_cursor: more ? cursorOf(idOf(last)) : null };
}

/**
 * An empty parameter counts as not given: forms send those.
 * @throws HttpProblem `invalid` naming every parameter that is unknown, repeated or wrong
 */
export function parseQuery<Schema extends z.ZodObject>(schema: Schema, query: string): z.output<Schema> {
  const given = [...new URLSearchParams(query)].filter(([, value]) => value !== "");
  const names = given.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new HttpProblem("invalid", `The parameter ${quote(twice)} is given twice.`);
  return parseWith(schema, Object.fromEntries(given), "parameter");
}

/** @param what names the place in the message: `parameter` or `field` */
export function parseWith<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const known = Object.keys(schema.shape).join(", ");
  const problems = result.error.issues.slice(0, ISSUES_MAX).map((issue) => {
    if (issue.code !== "unrecognized_keys") return `${issue.path.join(".") || what}: ${issue.message}`;
    const unknown = issue.keys.slice(0, ISSUES_MAX).map(quote).join(", ");
    return `unknown ${what} ${unknown}; there ${known === "" ? "is none" : `are ${known}`}`;
  });
  throw new HttpProblem("invalid", `${problems.join(". ")}.`);
}
const ISSUES_MAX = 5;

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 50));
}
