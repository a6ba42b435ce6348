import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { startService, type Service } from "../../src/app.ts";
import { openKit } from "../../src/kit.ts";
import { readConfig } from "../../src/config.ts";
import { applyFileSchema, storeSettingsOf } from "../../src/core/settings.ts";
import { toRfc3339 } from "../../src/core/time.ts";
import { signWebhook } from "../../src/platforms/sample.ts";
import { createShoplineSimulator } from "../../src/platforms/shopline/simulator.ts";
import type { StoreSimulator } from "../../src/platforms/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { createBench } from "./fakes.ts";
import { applicationOf } from "./routes.ts";

// The document that the running service gives, held against what the same service answers.

const ADMIN = "admin-token-0123456789-0123456789-0123";
const SECRET = "app-secret";

interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, object> };
}
interface Described {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

const API_TOKEN = "store-token-for-tests";

let folder: string;
let shop: StoreSimulator;
let service: Service;
let document: Document;
/** Of the one order that came in. */
let ids: { webhook: string; delivery: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "relay-openapi-"));
  shop = createShoplineSimulator({ clock: systemClock, token: API_TOKEN, http_addresses: true });
  const api = { url: await shop.listen(), token: API_TOKEN };
  shop.setSendsWebhooks(false);
  const config = readConfig({
    RELAY_DATABASE: join(folder, "relay.db"),
    RELAY_ENCRYPTION_KEY: "ab".repeat(32),
    RELAY_PORT: "0",
    RELAY_ADMIN_TOKEN: ADMIN,
    RELAY_PUBLIC_URL: "http://127.0.0.1:9",
    // Nobody listens there: deliveries wait.
    GOODCOM_URL: "http://127.0.0.1:9",
  });
  const file = applyFileSchema.parse({
    printers: [{ name: "kitchen", api_key: "key" }],
    stores: [{ name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: [SECRET], api }],
  });
  const kit = await openKit(config);
  await kit.ledger.apply(
    { printers: file.printers, stores: file.stores.map((store) => storeSettingsOf(store, (token) => token)) },
    { prune: false, now: systemClock.now() },
  );
  await kit.close();
  service = await startService(config, {
    logTo: { write: () => undefined },
  });
  ids = await firstCancellation();
  document = (await (await ask("get", "/api/openapi.json")).json()) as Document;
});
beforeEach(() => shop.put({ id: "21058", name: "#1002", cancelled_at: null, currency: "TWD" }));
afterAll(async () => {
  await service.close();
  await shop.close();
  rmSync(folder, { recursive: true });
});

async function firstCancellation(): Promise<typeof ids> {
  const cancelled_at = toRfc3339(systemClock.now());
  const body = Buffer.from(JSON.stringify({ id: "21057", name: "#1001", cancelled_at }));
  const headers = signWebhook("shopline", body, SECRET, systemClock.now());
  const address = `${service.url}/webhooks/shopline/noodle-bar`;
  const answer = await fetch(address, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  return (await answer.json()) as typeof ids;
}

function ask(
  method: string,
  path: string,
  headers: Record<string, string> = { Authorization: `Bearer ${ADMIN}` },
  body?: object,
): Promise<Response> {
  return fetch(service.url + path, {
    method: method.toUpperCase(),
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The document's own JSON Schema as a validator: not the zod that it was made from. */
function validatorOf(schema: object): z.ZodType {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas });
  const parsed: unknown = JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/"));
  return z.fromJSONSchema(parsed as Parameters<typeof z.fromJSONSchema>[0]);
}

/** Status and content type must be among those described, and the body as its schema says. */
async function expectDescribed(described: Described, answer: Response): Promise<void> {
  const content = described.responses[String(answer.status)]?.content;
  expect(content, `${described.operationId} does not describe ${answer.status}`).toBeDefined();
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const media = content?.[type];
  expect(media, `${described.operationId} does not describe ${type}`).toBeDefined();
  const text = await answer.text();
  const value: unknown = type.includes("json") ? JSON.parse(text) : text;
  expect(validatorOf(media?.schema ?? {}).safeParse(value).error?.issues).toBeUndefined();
}

function addressOf(path: string): string {
  const id = path.includes("webhooks") ? ids.webhook : ids.delivery;
  return path
    .replace("{id}", id)
    .replace("{order}", "21058")
    .replace("{name}", path.includes("/stores/") ? "noodle-bar" : "kitchen");
}

/** A value for every required parameter and field there is. */
const BODIES: Record<string, object> = {
  reprintDelivery: { reason: "lost" },
  cancelOrder: { reason: "sold out" },
};
/** They come to the same however often they are asked for. */
const REPEATABLE = ["subscribeStore", "reconcileStore"];
function everyOperation(): { method: string; path: string; described: Described }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ method, path, described })),
  );
}

describe("the running service", () => {
  test("answers every operation as the document says, and nothing is left out of the calls", async () => {
    const called = new Set<string>();
    for (const { method, path, described } of everyOperation()) {
      const body = BODIES[described.operationId];
      const answer = await ask(method, addressOf(path), undefined, body);
      // A waiting delivery cannot be redriven: that too is described.
      const expected = described.operationId === "redriveDelivery" ? [409] : [200, 201];
      expect(expected, `${method} ${path}`).toContain(answer.status);
      await expectDescribed(described, answer);
      called.add(described.operationId);
    }
    expect(called.size).toBe(everyOperation().length);
    expect(called.size).toBeGreaterThanOrEqual(20);
  });

  test("refuses as the document says: no token, no such thing, a wrong parameter, body or key", async () => {
    for (const { method, path, described } of everyOperation()) {
      const body = BODIES[described.operationId];
      const bearer = { Authorization: `Bearer ${ADMIN}` };
      const isOpen = described.responses["401"] === undefined;
      if (!isOpen) await expectDescribed(described, await ask(method, addressOf(path), {}, body));
      if (path.includes("{")) {
        const nowhere = path.replace(/\{\w+\}/, "NOPE");
        const answer = await ask(method, nowhere, bearer, body);
        expect(answer.status, nowhere).toBe(404);
        await expectDescribed(described, answer);
      }
      const unknown = await ask(method, `${addressOf(path)}?no-such-parameter=1`, bearer);
      expect(unknown.status, path).toBe(isOpen ? 200 : 400);
      await expectDescribed(described, unknown);
      if (method === "post") {
        const headers = { ...bearer, "Content-Type": "text/plain" };
        const answer = await fetch(service.url + addressOf(path), { method: "POST", headers, body: "lost" });
        expect(answer.status, path).toBe(415);
        await expectDescribed(described, answer);
      }
      if (described.parameters.some(({ name }) => name === "Idempotency-Key")) {
        const answer = await ask(method, addressOf(path), { ...bearer, "Idempotency-Key": "two keys" }, body);
        expect(answer.status, path).toBe(400);
        await expectDescribed(described, answer);
      }
    }
  });

  test("every act that does more each time takes an Idempotency-Key: the same answer again, another request 422", async () => {
    const acts = everyOperation().filter(({ method }) => method === "post");
    expect(acts.length).toBeGreaterThanOrEqual(4);
    for (const { method, path, described } of acts) {
      const names = described.parameters.map(({ name }) => name);
      expect(names.includes("Idempotency-Key"), path).toBe(!REPEATABLE.includes(described.operationId));
      if (!names.includes("Idempotency-Key") || described.operationId === "redriveDelivery") continue;
      const headers = { Authorization: `Bearer ${ADMIN}`, "Idempotency-Key": described.operationId };
      const body = BODIES[described.operationId];
      const first = await ask(method, addressOf(path), headers, body);
      const again = await ask(method, addressOf(path), headers, body);
      expect([again.status, again.headers.get("location")]).toEqual([
        first.status,
        first.headers.get("location"),
      ]);
      expect(await again.text()).toBe(await first.text());
      const other = await ask(method, path.replace(/\{\w+\}/, "NOPE"), headers, body);
      expect(other.status, path).toBe(422);
      await expectDescribed(described, other);
    }
  });

  test("a cursor is opaque: one that the service did not give is refused, also a changed one", async () => {
    const { next_cursor: cursor } = (await (await ask("get", "/api/v1/deliveries?limit=1")).json()) as {
      next_cursor: string;
    };
    expect((await ask("get", `/api/v1/deliveries?cursor=${cursor}`)).status).toBe(200);
    for (const wrong of [`${cursor}!`, ids.delivery, "%27%3B--", "a".repeat(300)]) {
      expect((await ask("get", `/api/v1/deliveries?cursor=${wrong}`)).status, wrong).toBe(400);
    }
  });
});

/** What is no program's: pages, forms and files of the dashboard, and the printers' callbacks. */
const NOT_THE_API =
  /^\/(?:$|assets\/|callbacks\/|deliveries(?:\/|$)|webhooks(?:\/|$)|stores|printers|add-|sign-|live$)/;

test("every route of the server is in the document, but for those of people and printers", () => {
  const { routes } = applicationOf(createBench());
  expect(routes.length).toBeGreaterThan(25);
  const api = routes.filter(({ declared }) => !NOT_THE_API.test(declared));
  const described = everyOperation().map(({ method, path }) => `${method} ${path}`);
  const written = api.map(
    ({ method, declared }) => `${method.toLowerCase()} ${declared.replace(/:(\w+)/g, "{$1}")}`,
  );
  expect(written.sort()).toEqual(described.sort());
});
