import { z } from "zod";
import type { Delivery } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import { cleanLine } from "../../core/text.ts";
import type { AttemptRecord, FoundPage } from "../../ledger/ledger.ts";
import type { HttpDeps } from "../deps.ts";
import { attemptJson, cursorOf, deliveryDetailJson, deliveryJson } from "../../answers/json.ts";
import { jsonOperation, textOperation, type Operation } from "./operation.ts";
import { attemptQuery, deliveryQuery } from "./query.ts";
import { attemptSchema, deliveryDetailSchema, deliverySchema, pageOf } from "../../answers/schemas.ts";

type Deps = Pick<HttpDeps, "relay" | "ledger" | "draw">;

const REASON_CHARS_MAX = 200;

export const reprintBody = z.strictObject({
  reason: z
    .string()
    .max(REASON_CHARS_MAX)
    .transform((text) => cleanLine(text, REASON_CHARS_MAX))
    .pipe(z.string().min(1, "say in a few words why a second slip is wanted"))
    .meta({ description: "why a second slip is wanted; kept in the history", maxLength: REASON_CHARS_MAX }),
});

export function deliveryOperations(deps: Deps): Operation[] {
  return [...readOperations(deps), ...slipOperations(deps), ...actOperations(deps)];
}

function readOperations({ ledger }: Deps): Operation[] {
  const list = jsonOperation(
    {
      name: "listDeliveries",
      method: "get",
      path: "/api/v1/deliveries",
      access: "read",
      summary: "Deliveries, newest first",
      description:
        "One answer looks through a bounded number of deliveries, so that it is quick however many there are. A page may " +
        "therefore hold fewer than `limit`, or none, and still have a `next_cursor`: go on until it is null. With `q` " +
        "those come first whose order's id or name it is exactly, whatever their age. Each delivery that matches all " +
        "the while is on one page, whatever comes in meanwhile.",
      query: deliveryQuery,
      answer: pageOf(deliverySchema),
    },
    async ({ query }) => {
      const { items, next_cursor } = await deliveryPage(ledger, query);
      return { value: { items: items.map(deliveryJson), next_cursor } };
    },
  );
  const show = jsonOperation(
    {
      name: "showDelivery",
      method: "get",
      path: "/api/v1/deliveries/{id}",
      access: "read",
      summary: "One delivery with its ticket, webhook, attempts, confirmation and history",
      answer: deliveryDetailSchema,
      refusals: ["not_found"],
    },
    async ({ parameter }) => {
      const detail = await ledger.findDelivery(parameter("id"));
      if (detail === null) throw noSuchDelivery(parameter("id"));
      return { value: deliveryDetailJson(detail) };
    },
  );
  const attempts = jsonOperation(
    {
      name: "listAttempts",
      method: "get",
      path: "/api/v1/deliveries/{id}/attempts",
      access: "read",
      summary: "All attempts of a delivery, newest first",
      query: attemptQuery,
      answer: pageOf(attemptSchema),
      refusals: ["not_found"],
    },
    async ({ parameter, query }) => {
      const { items, next_cursor } = await attemptPage(ledger, parameter("id"), query);
      return { value: { items: items.map(attemptJson), next_cursor } };
    },
  );
  return [list, show, attempts];
}

function noSuchDelivery(id: string): RelayError {
  return new RelayError("not_found", `There is no delivery ${id}.`);
}

/** A drawing is a document of its own: opened by itself it may do nothing at all, and it needs nothing. */
const SLIP_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox",
};

const pictureQuery = z.strictObject({
  try: z.string().max(20).optional().describe("means nothing: a page that names another one gets it anew"),
});

function slipOperations({ relay, draw }: Deps): Operation[] {
  const fixed = { method: "get", access: "read", refusals: ["not_found"] } as const;
  const picture = textOperation(
    {
      ...fixed,
      name: "drawSlip",
      path: "/api/v1/deliveries/{id}/slip.svg",
      summary: "The slip as paper",
      contentType: "image/svg+xml; charset=utf-8",
      query: pictureQuery,
    },
    async (parameter) => {
      const { ticket, marks, printer } = await relay.slipOf(parameter("id"));
      return { value: await draw.svg(ticket, marks, printer), headers: SLIP_HEADERS };
    },
  );
  const plain = textOperation(
    {
      ...fixed,
      name: "writeSlip",
      path: "/api/v1/deliveries/{id}/slip.txt",
      summary: "The slip as text",
      contentType: "text/plain; charset=utf-8",
    },
    async (parameter) => {
      const { ticket, marks, printer } = await relay.slipOf(parameter("id"));
      return { value: draw.text(ticket, marks, printer) };
    },
  );
  return [picture, plain];
}

function actOperations({ relay }: Deps): Operation[] {
  const fixed = { method: "post", access: "act", refusals: ["not_found", "conflict"] } as const;
  const redrive = jsonOperation(
    {
      ...fixed,
      name: "redriveDelivery",
      path: "/api/v1/deliveries/{id}/redrive",
      summary: "Send a dead or held delivery again: the same delivery",
      answer: deliverySchema,
    },
    async ({ parameter, asked: { by, key } }) => ({
      value: deliveryJson(await relay.redrive(parameter("id"), by, key)),
    }),
  );
  const reprint = jsonOperation(
    {
      ...fixed,
      name: "reprintDelivery",
      path: "/api/v1/deliveries/{id}/reprint",
      summary: "Print a second slip of the same ticket: a new delivery",
      status: 201,
      body: reprintBody,
      answer: deliverySchema,
    },
    async ({ parameter, body, asked: { by, key } }) => {
      const made = deliveryJson(await relay.reprint(parameter("id"), body.reason, by, key));
      return { value: made, delivery: made.id };
    },
  );
  return [redrive, reprint];
}

/** For the API and the dashboard alike. @throws `not_found` */
export async function attemptPage(
  ledger: Pick<HttpDeps["ledger"], "listAttempts">,
  id: string,
  { cursor, limit }: z.output<typeof attemptQuery>,
): Promise<Page<AttemptRecord>> {
  const page = await ledger.listAttempts(id, limit, cursor);
  if (page === null) throw noSuchDelivery(id);
  return withCursor(page);
}

/** One look of a search, for the API and the dashboard alike. */
export async function deliveryPage(
  ledger: Pick<HttpDeps["ledger"], "searchDeliveries">,
  { cursor, ...search }: z.output<typeof deliveryQuery>,
): Promise<Page<Delivery>> {
  const after = cursor === undefined ? {} : { after: cursor };
  return withCursor(await ledger.searchDeliveries({ ...given(search), limit: search.limit, ...after }));
}

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

function withCursor<Item>({ items, next }: FoundPage<Item>): Page<Item> {
  return { items, next_cursor: next === null ? null : cursorOf(next) };
}

type Given<Filter> = { [Name in keyof Filter]?: Exclude<Filter[Name], undefined> };

/** Without the parameters that were not given: absent, not undefined. */
export function given<Filter extends object>(filter: Filter): Given<Filter> {
  const entries = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<Filter>;
}
