import request from "supertest";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { operationsOf } from "../../src/http/application.ts";
import { asAdmin, createBench, type Bench } from "./fakes.ts";
import { aDetail, aWebhook } from "./samples.ts";

/** Written by hand from CONTRACT.md, "Operators", and from what came later. */
const CONTRACT = [
  "get /api/v1/deliveries",
  "get /api/v1/deliveries/{id}",
  "post /api/v1/deliveries/{id}/redrive",
  "post /api/v1/deliveries/{id}/reprint",
  "get /api/v1/deliveries/{id}/attempts",
  "get /api/v1/deliveries/{id}/slip.svg",
  "get /api/v1/deliveries/{id}/slip.txt",
  "get /api/v1/webhooks",
  "get /api/v1/webhooks/{id}",
  "post /api/v1/webhooks/{id}/replay",
  "get /api/v1/alerts",
  "get /api/v1/stores",
  "get /api/v1/printers",
  "post /api/v1/printers/{name}/test-slip",
  "post /api/v1/stores/{name}/subscribe",
  "post /api/v1/stores/{name}/reconcile",
  "get /api/v1/stores/{name}/orders/{order}",
  "post /api/v1/stores/{name}/orders/{order}/cancel",
  "post /api/v1/stores/{name}/test",
  "get /api/openapi.json",
  "get /healthz",
  "get /readyz",
  "get /metrics",
];
const AT_LEAST =
  "id, state, platform, store, printer, order_id, order_name, cancelled_at, reason, attempt_count, next_attempt_at, created_at, accepted_at, printed_at, last_error";

interface Document {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, { properties?: object; required?: string[] }> };
}
interface Described {
  operationId: string;
  parameters: { name: string; in: string }[];
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

let bench: Bench;
let document: Document;
beforeAll(async () => {
  bench = createBench();
  bench.details = [aDetail()];
  bench.webhooks = [aWebhook()];
  const answer = await request(bench.server.handler).get("/api/openapi.json").set(asAdmin).expect(200);
  document = answer.body as Document;
});

/** What the document says of an answer, as a validator: the JSON Schema itself, not the zod it came from. */
function validatorOf(schema: object): z.ZodType {
  const whole = JSON.parse(
    JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
      "#/components/schemas/",
      "#/$defs/",
    ),
  ) as Parameters<typeof z.fromJSONSchema>[0];
  return z.fromJSONSchema(whole);
}

test("it is OpenAPI 3.1 of this version, and has the contract's routes and no others", () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info.version).toBe("1.2.3");
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(routes.sort()).toEqual([...CONTRACT].sort());
});

test("a delivery has at least what the contract names", () => {
  const { properties = {}, required = [] } = document.components.schemas.Delivery ?? {};
  for (const field of AT_LEAST.split(", ")) {
    expect(Object.keys(properties)).toContain(field);
    expect(required).toContain(field);
  }
});

test("the list's parameters are the contract's", () => {
  const names = document.paths["/api/v1/deliveries"]?.get?.parameters.map(({ name }) => name);
  expect(names?.sort()).toEqual(
    ["state", "store", "printer", "order", "q", "since", "until", "limit", "cursor"].sort(),
  );
});

test("no reference leads nowhere, no operation is named twice", () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name ?? "",
  );
  expect(references.length).toBeGreaterThan(10);
  for (const name of references) expect(document.components.schemas).toHaveProperty(name);
  const names = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(CONTRACT.length);
});

describe.each(operationsOf(createBench().deps, { isReady: () => Promise.resolve(true) }))(
  "$method $path",
  ({ method, path, answer, body }) => {
    test("answers as it is described", async () => {
      const address = path
        .replace("{id}", path.includes("webhooks") ? "WH1" : "DL1")
        .replace("{name}", "bar")
        .replace("{order}", "21057");
      const call = request(bench.server.handler)[method](address).set(asAdmin);
      const said = await (body === null ? call : call.send("reason" in body.shape ? { reason: "lost" } : {}));
      const described = document.paths[path]?.[method]?.responses[said.status]?.content;
      expect(said.status).toBe(answer.status);
      const [[type, { schema }] = ["", { schema: {} }]] = Object.entries(described ?? {});
      // Bug: of text it had the charset too, so whoever looked for `text/plain`, as for JSON, found nothing.
      expect(said.headers["content-type"]?.split(";")[0]).toBe(type);
      if (answer.kind !== "json") return;
      const parsed = validatorOf(schema).safeParse(said.body);
      expect(parsed.error?.issues).toBeUndefined();
      // Nothing more is said than is described.
      expect(answer.schema.parse(said.body)).toEqual(said.body);
    });
  },
);

test("a delivery that is not as described is seen as such", () => {
  const schema =
    document.paths["/api/v1/deliveries/{id}"]?.get?.responses["200"]?.content["application/json"]?.schema;
  expect(validatorOf(schema ?? {}).safeParse({ id: "DL1" }).success).toBe(false);
});

test("problems are as described", async () => {
  const said = await request(bench.server.handler).get("/api/v1/deliveries/NOPE").set(asAdmin).expect(404);
  const described = document.paths["/api/v1/deliveries/{id}"]?.get?.responses["404"]?.content;
  const schema = described?.["application/problem+json"]?.schema;
  expect(validatorOf(schema ?? {}).safeParse(said.body).success).toBe(true);
});
