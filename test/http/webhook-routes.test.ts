import { REFUSALS } from "../../src/core/webhook.ts";
import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { createBench, ledgerDown, type Bench } from "./fakes.ts";

const URN = "urn:goodcom-relay:problem:";
const TOKEN = "fastpod-path-token-0123456789-01234567";
let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

function post(path: string): request.Test {
  return request(bench.server.handler).post(path).set("Content-Type", "application/json");
}

describe("what reaches the relay", () => {
  test("the exact bytes, the headers, the query; any content type", async () => {
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x0d, 0x0a, 0x20]);
    await request(bench.server.handler)
      .post("/webhooks/shopline/noodle-bar?a=1&b=%20x")
      .set("Content-Type", "text/whatever; charset=latin1")
      .set("X-Shopline-Hmac-Sha256", "abc=")
      .send(bytes)
      .expect(200);
    expect(bench.received).toHaveLength(1);
    const [{ platform, store, request: seen } = { platform: "", store: "", request: undefined }] =
      bench.received;
    expect([platform, store]).toEqual(["shopline", "noodle-bar"]);
    expect(seen?.body.equals(bytes)).toBe(true);
    expect(seen?.headers["x-shopline-hmac-sha256"]).toBe("abc=");
    expect(seen?.query).toEqual({ a: "1", b: " x" });
    expect(seen?.path_token).toBeNull();
  });

  test("Shoplazza's by its own address, FastPOD's with the token of the address", async () => {
    await post("/webhooks/shoplazza/cake-shop").send("{}").expect(200);
    await post(`/webhooks/fastpod/tee-shop/${TOKEN}`).send("{}").expect(200);
    expect(bench.received.map(({ platform, request: seen }) => [platform, seen.path_token])).toEqual([
      ["shoplazza", null],
      ["fastpod", TOKEN],
    ]);
  });

  test("an empty body too: the relay says what it is", async () => {
    await post("/webhooks/shopline/noodle-bar").expect(200);
    expect(bench.received[0]?.request.body).toHaveLength(0);
  });
});

describe("the table of answers", () => {
  test.each([
    [
      { status: "accepted", webhook_id: "W", delivery_id: "D", reason: null } as const,
      { status: "accepted", webhook: "W", delivery: "D" },
    ],
    [
      { status: "duplicate", webhook_id: "W2", delivery_id: "D", reason: null } as const,
      { status: "duplicate", webhook: "W2", delivery: "D" },
    ],
    [
      { status: "ignored", webhook_id: "W", delivery_id: null, reason: "orders/paid" } as const,
      { status: "ignored", webhook: "W", reason: "orders/paid" },
    ],
    [
      { status: "quarantined", webhook_id: "W", delivery_id: null, reason: "not JSON" } as const,
      { status: "quarantined", webhook: "W", reason: "not JSON" },
    ],
  ])("kept: %j", async (kept, expected) => {
    bench.receipt = { kind: "kept", ...kept };
    const answer = await post("/webhooks/shopline/noodle-bar").send("{}").expect(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.body).toEqual(expected);
  });

  test.each(REFUSALS.filter((why) => !why.endsWith("_token")))(
    "refused as %s: 401 with the refusal's own words",
    async (why) => {
      bench.receipt = { kind: "refused", refusal: { why, detail: "Sign it with the app secret." } };
      const answer = await post("/webhooks/shopline/noodle-bar").send("{}").expect(401);
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(answer.headers["www-authenticate"]).toBeDefined();
      expect(answer.body).toEqual({
        type: `${URN}signature_refused`,
        title: "Webhook refused",
        status: 401,
        detail: "Sign it with the app secret.",
      });
    },
  );

  test("an unknown store and a wrong token are the same 404", async () => {
    bench.receipt = { kind: "unknown_store" };
    const store = await post(`/webhooks/fastpod/nobody/${TOKEN}`).send("{}").expect(404);
    expect((store.body as { type: string }).type).toBe(`${URN}not_found`);
    for (const why of ["unknown_token", "ended_token"] as const) {
      bench.receipt = { kind: "refused", refusal: { why, detail: "token 2 of 3 is old" } };
      const token = await post(`/webhooks/fastpod/tee-shop/${TOKEN}`).send("{}").expect(404);
      expect(token.body).toEqual(store.body);
      expect(token.text).not.toContain(TOKEN);
    }
  });

  test("bug: what came to a part of an address, FastPOD's without its token, left no trace", async () => {
    for (const path of ["fastpod/tee-shop", "shopline", "shoplazza/", "shopline/noodle-bar/more"])
      await post(`/webhooks/${path}`).send("{}").expect(404);
    expect(bench.received).toEqual([]);
    const of = { event: "webhook.refused", store: null, why: "unknown_store" };
    const whole = "the address is not whole: it has to be /webhooks/";
    expect(bench.events).toEqual([
      { ...of, platform: "fastpod", detail: `${whole}fastpod/:store/:token` },
      { ...of, platform: "shopline", detail: `${whole}shopline/:store` },
      { ...of, platform: "shoplazza", detail: `${whole}shoplazza/:store` },
      { ...of, platform: "shopline", detail: `${whole}shopline/:store` },
    ]);
  });

  test("bug: what came to an address of no store left no trace, as if the store had sent nothing", async () => {
    bench.receipt = { kind: "unknown_store" };
    await post("/webhooks/shopline/noodel-bar").send("{}").expect(404);
    await post(`/webhooks/shopline/${TOKEN}`).send("{}").expect(404);
    await post(`/webhooks/shopline/${"ab12".repeat(8)}`)
      .send("{}")
      .expect(404);
    const of = { event: "webhook.refused", store: null, platform: "shopline", why: "unknown_store" };
    const detail = "no shopline store has the name in the address";
    expect(bench.events).toEqual([
      { ...of, detail: `noodel-bar: ${detail}` },
      { ...of, detail },
      { ...of, detail },
    ]);
  });

  test("bug: nor did a body that was not read", async () => {
    await post("/webhooks/shopline/noodle-bar").set("Content-Encoding", "gzip").send("{}").expect(415);
    expect(bench.events).toEqual([
      expect.objectContaining({
        ...{ event: "webhook.refused", store: null, why: "unsupported_body" },
        detail: expect.stringMatching(/^noodle-bar: Send the body without /) as string,
      }),
    ]);
  });

  test("the ledger cannot store it: 503 with Retry-After, its path told inside only", async () => {
    bench.failure = ledgerDown();
    const answer = await post("/webhooks/shopline/noodle-bar").send("{}").expect(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect((answer.body as { type: string }).type).toBe(`${URN}ledger_unavailable`);
    expect(answer.text).not.toMatch(/secret-place|SQLITE/);
    expect(bench.events).toEqual([
      expect.objectContaining({ event: "ledger.failed", detail: expect.stringContaining("SQLITE_FULL") }),
    ]);
  });

  test("a bug: 500 that says nothing outside, and is told inside without the token", async () => {
    bench.failure = new TypeError("cannot read x");
    const answer = await post(`/webhooks/fastpod/tee-shop/${TOKEN}`).send("{}").expect(500);
    expect(answer.text).not.toContain("cannot read x");
    expect(bench.events).toHaveLength(1);
    expect(bench.events[0]).toMatchObject({
      event: "http.failed",
      method: "POST",
      route: "/webhooks/fastpod/:store/:token",
    });
    expect(JSON.stringify(bench.events)).toContain("cannot read x");
    expect(JSON.stringify(bench.events) + answer.text).not.toContain(TOKEN);
  });

  test("a parser's message may quote a buyer: it is not told at all", async () => {
    bench.failure = new SyntaxError('Unexpected token in "Ms Chen, 0912"');
    await post("/webhooks/shopline/noodle-bar").send("{}").expect(500);
    expect(JSON.stringify(bench.events)).toContain("SyntaxError");
    expect(JSON.stringify(bench.events)).not.toContain("Chen");
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])("%s: 405 with Allow", async (method) => {
    const agent = request(bench.server.handler);
    const calls: Record<string, (path: string) => request.Test> = {
      GET: (path) => agent.get(path),
      HEAD: (path) => agent.head(path),
      PUT: (path) => agent.put(path),
      PATCH: (path) => agent.patch(path),
      DELETE: (path) => agent.delete(path),
      OPTIONS: (path) => agent.options(path),
    };
    for (const path of ["/webhooks/shopline/noodle-bar", `/webhooks/fastpod/tee-shop/${TOKEN}`]) {
      const answer = await calls[method]!(path).expect(405);
      expect(answer.headers.allow).toBe("POST");
    }
    expect(bench.received).toEqual([]);
  });

  test.each(["gzip", "identity", "br, gzip", ""])("Content-Encoding %j: 415", async (coding) => {
    const answer = await post("/webhooks/shopline/noodle-bar").set("Content-Encoding", coding).send("{}");
    expect(answer.status).toBe(415);
    expect(bench.received).toEqual([]);
  });

  test.each([
    ["/webhooks/shopline/%E0%A4%A", 400],
    ["/webhooks/fastpod/tee-shop/%ff", 400],
    ["/webhooks/shopline/noodle-bar/extra", 404],
    ["/webhooks/fastpod/tee-shop", 404],
    ["/webhooks/shopify/noodle-bar", 404],
    ["/WEBHOOKS/shopline/noodle-bar", 404],
    ["/webhooks/shopline/a%2Fb%00", 200],
  ])("POST %s: %i, and never 500", async (path, status) => {
    const answer = await post(path).send("{}");
    expect(answer.status).toBe(status);
    expect(bench.events.filter(({ event }) => event !== "webhook.refused")).toEqual([]);
    expect(answer.text).not.toContain("%");
  });
});
