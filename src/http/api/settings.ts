import type { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import { deliveryJson, printerJson, storeJson } from "../../answers/json.ts";
import { jsonOperation, type Operation } from "./operation.ts";
import { namedQuery, pageFrom } from "./query.ts";
import { deliverySchema, pageOf, printerJsonSchema, type PrinterJson } from "../../answers/schemas.ts";
import { storeSchema, storeTestSchema, type StoreJson } from "../../answers/store-schemas.ts";

type Deps = Pick<HttpDeps, "relay" | "ledger" | "settings" | "public_url" | "clock">;

/** Stores and printers by name, never with a secret. */
export function settingsOperations(deps: Deps): Operation[] {
  const stores = jsonOperation(
    {
      name: "listStores",
      method: "get",
      path: "/api/v1/stores",
      access: "read",
      summary: "Stores by name, with the address of their webhooks",
      query: namedQuery,
      answer: pageOf(storeSchema),
    },
    async ({ query }) => ({ value: await storePage(deps, query) }),
  );
  const printers = jsonOperation(
    {
      name: "listPrinters",
      method: "get",
      path: "/api/v1/printers",
      access: "read",
      summary: "Printers by name",
      query: namedQuery,
      answer: pageOf(printerJsonSchema),
    },
    ({ query }) => Promise.resolve({ value: printerPage(deps, query) }),
  );
  const test = jsonOperation(
    {
      name: "printTestSlip",
      method: "post",
      path: "/api/v1/printers/{name}/test-slip",
      access: "act",
      summary: "Print a slip marked TEST: a new delivery",
      status: 201,
      answer: deliverySchema,
      refusals: ["not_found"],
    },
    async ({ parameter, asked: { by, key } }) => {
      const made = deliveryJson(await deps.relay.testSlip(parameter("name"), by, key));
      return { value: made, delivery: made.id };
    },
  );
  return [stores, printers, test, storeTest(deps)];
}

function storeTest({ relay }: Deps): Operation {
  return jsonOperation(
    {
      name: "sendStoreTest",
      method: "post",
      path: "/api/v1/stores/{name}/test",
      access: "act",
      summary: "Send a sample cancellation of the store's platform the whole way to paper, marked TEST",
      status: 201,
      answer: storeTestSchema,
      refusals: ["not_found", "conflict"],
    },
    async ({ parameter, asked: { by, key } }) => {
      const { delivery, public_address } = await relay.sendTest(parameter("name"), by, key);
      const made = deliveryJson(delivery);
      return {
        value: { ...made, public_address },
        delivery: made.id,
      };
    },
  );
}

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

type PageAsked = z.output<typeof namedQuery>;

export async function storePage(deps: Deps, asked: PageAsked): Promise<Page<StoreJson>> {
  const stores = after(deps.settings().stores, asked);
  const lastSeen = await Promise.all(
    stores.map(async ({ name }) => {
      const [last] = await deps.ledger.listWebhooks({ store: name, origin: "webhook", limit: 1 });
      return [name, last?.received_at] as const;
    }),
  );
  const seenAt = new Map(lastSeen);
  const watches = new Map((await deps.ledger.storeWatches()).map((watch) => [watch.store, watch]));
  return pageFrom(
    stores,
    asked.limit,
    (store) => store.name,
    (store) => {
      const seen = { lastWebhookAt: seenAt.get(store.name) ?? null, watch: watches.get(store.name) };
      return storeJson(store, deps.public_url, seen, deps.clock.now());
    },
  );
}

export function printerPage(deps: Pick<Deps, "settings">, asked: PageAsked): Page<PrinterJson> {
  return pageFrom(
    after(deps.settings().printers, asked),
    asked.limit,
    (printer) => printer.name,
    printerJson,
  );
}

/** The page's items by name, and one more if there is one. */
function after<Named extends { name: string }>(
  all: readonly Named[],
  { limit, cursor, q = "" }: PageAsked,
): Named[] {
  const part = q.trim().toLowerCase();
  return all
    .filter(({ name }) => name.includes(part) && (cursor === undefined || name > cursor))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, limit + 1);
}
