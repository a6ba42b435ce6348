import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { asAdmin, createBench, ledgerDown, SECRETS, type Bench } from "./fakes.ts";
import { aDetail, aWatch, aWebhook, NOW } from "./samples.ts";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
const get = (path: string): request.Test => request(bench.server.handler).get(path).set(asAdmin);
const post = (path: string): request.Test => request(bench.server.handler).post(path).set(asAdmin);
const detailOf = (answer: request.Response): string => (answer.body as { detail: string }).detail;

describe("deliveries", () => {
  test("a list has every field of the contract, times in RFC 3339", async () => {
    bench.details = [aDetail()];
    const { body } = await get("/api/v1/deliveries").expect(200);
    expect(body).toEqual({
      items: [
        {
          id: "DL1",
          kind: "cancellation",
          state: "printed",
          attention: null,
          forgotten_at: null,
          held: false,
          platform: "shopline",
          store: "noodle-bar",
          printer: "kitchen",
          order_id: "21071234567890123456",
          order_name: "#1001",
          cancelled_at: "2027-01-15T07:59:00.000Z",
          reason: "customer",
          webhook_id: "WH1",
          reprint_of: null,
          reprint_number: null,
          attempt_count: 1,
          may_be_repeat: false,
          next_attempt_at: null,
          useful_until: "2027-01-16T07:59:00.000Z",
          confirm_by: null,
          created_at: "2027-01-15T07:59:00.000Z",
          accepted_at: "2027-01-15T07:59:01.000Z",
          printed_at: "2027-01-15T07:59:05.000Z",
          last_error: null,
        },
      ],
      next_cursor: null,
    });
    expect(bench.asked).toEqual([{ limit: 50 }]);
  });

  test("pages: newest first, each once, the last says so", async () => {
    bench.details = Array.from({ length: 5 }, (_, index) => aDetail({ id: `DL${index}` }));
    const seen: string[][] = [];
    let path = "/api/v1/deliveries?limit=2";
    for (let page = 0; page < 3; page++) {
      const { body } = await get(path).expect(200);
      const { items, next_cursor } = body as { items: { id: string }[]; next_cursor: string | null };
      seen.push(items.map(({ id }) => id));
      path = `/api/v1/deliveries?limit=2&cursor=${next_cursor ?? "none"}`;
      expect(next_cursor === null).toBe(page === 2);
    }
    expect(seen).toEqual([["DL4", "DL3"], ["DL2", "DL1"], ["DL0"]]);
  });

  test("the filters reach the ledger; empty ones do not", async () => {
    await get(
      "/api/v1/deliveries?state=dead&store=a&printer=b&order=%231001&q=x&limit=200" +
        "&since=2027-01-15T16:00:00%2B08:00&until=2027-01-15T08:00:01Z",
    ).expect(200);
    await get("/api/v1/deliveries?state=&store=&q=&since=2027-01-15T16:00:00+08:00").expect(200);
    expect(bench.asked).toEqual([
      {
        ...{ state: "dead", store: "a", printer: "b", order: "#1001", q: "x", limit: 200 },
        since: NOW,
        until: NOW + 1000,
      },
      { since: NOW, limit: 50 },
    ]);
  });

  test.each([
    ["limit=201", /limit/],
    ["limit=0", /limit/],
    ["limit=ten", /limit: must be a whole number from 1 to 200/],
    // Number() takes these, and nobody writes a number so.
    ["limit=0x10", /limit: must be/],
    ["limit=1e2", /limit: must be/],
    ["limit=%20", /limit: must be/],
    ["limit=%2B5", /limit: must be/],
    ["limit=5.0", /limit: must be/],
    ["stat=dead", /unknown parameter "stat"; there are state, store, printer/],
    ["state=gone", /state/],
    ["since=yesterday", /since: is not RFC 3339/],
    ["until=2027-01-15", /until/],
    ["cursor=!!", /cursor: is not a cursor/],
    ["cursor=AA", /cursor: is not a cursor/],
    [`q=${"a".repeat(201)}`, /q: /],
    ["store=a&store=b", /"store" is given twice/],
    ["__proto__=1", /unknown parameter "__proto__"/],
  ])("?%s: 400 that says what is wrong", async (query, words) => {
    const answer = await get(`/api/v1/deliveries?${query}`).expect(400);
    expect((answer.body as { type: string }).type).toBe("urn:goodcom-relay:problem:invalid");
    expect(detailOf(answer)).toMatch(words);
    expect(bench.asked).toEqual([]);
  });

  test("one with everything about it", async () => {
    bench.details = [aDetail()];
    const { body } = await get("/api/v1/deliveries/DL1").expect(200);
    expect(body).toMatchObject({
      id: "DL1",
      attempts: [
        {
          kind: "send",
          number: 1,
          started_at: "2027-01-15T07:59:00.500Z",
          duration_ms: 500,
          outcome: "accepted",
          http_status: 200,
          // Long integers keep their digits.
          request: { api_key: "***", order_id: "21071234567890123456", long: "9007199254740993" },
          response: "{}",
        },
      ],
      webhook: { id: "WH1", received_at: "2027-01-15T07:59:00.000Z" },
      ticket: {
        order_id: "21071234567890123456",
        cancelled_at: "2027-01-15T07:59:00.000Z",
        created_at: null,
      },
      confirmation: { at: "2027-01-15T07:59:05.000Z", verdict: "accepted", raw: { status: "1" } },
      history: [{ note: "received" }, { note: "the cloud accepted it" }, { by: "printer" }],
    });
    bench.details = [{ ...aDetail(), confirmations: [] }];
    expect(((await get("/api/v1/deliveries/DL1")).body as { confirmation: unknown }).confirmation).toBeNull();
  });

  test("one that is not there, or could not be: 404", async () => {
    expect(detailOf(await get("/api/v1/deliveries/NOPE").expect(404))).toContain("NOPE");
    await get(`/api/v1/deliveries/${"a".repeat(5000)}`).expect(404);
    await get("/api/v1/deliveries/%ff").expect(400);
  });

  test("the slip as paper and as text", async () => {
    const svg = await get("/api/v1/deliveries/DL1/slip.svg").expect(200);
    expect(svg.headers["content-type"]).toBe("image/svg+xml; charset=utf-8");
    expect(svg.headers["content-security-policy"]).toContain("sandbox");
    expect((svg.body as Buffer).toString()).toContain("<svg");
    const text = await get("/api/v1/deliveries/DL1/slip.txt").expect(200);
    expect(text.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(text.text).toBe("ORDER 21071234567890123456 CANCELLED DL1\n");
  });
});

describe("acts", () => {
  test("redrive, reprint, replay, test slip", async () => {
    expect((await post("/api/v1/deliveries/DL1/redrive").expect(200)).body).toMatchObject({ id: "DL1" });
    const reprint = await post("/api/v1/deliveries/DL1/reprint").send({ reason: " lost\nit " }).expect(201);
    expect(reprint.headers.location).toBe("/api/v1/deliveries/DL9");
    expect(reprint.body).toMatchObject({ id: "DL9", kind: "reprint", reprint_of: "DL1" });
    expect((await post("/api/v1/webhooks/WH1/replay").expect(200)).body).toEqual({
      status: "accepted",
      webhook: "WH1",
      delivery: "DL1",
      reason: null,
    });
    const slip = await post("/api/v1/printers/bar/test-slip").send({}).expect(201);
    expect(slip.headers.location).toBe("/api/v1/deliveries/DL8");
    expect(bench.acts).toEqual([
      "redrive DL1 by operator",
      "reprint DL1 by operator: lost it",
      "replay WH1 by operator",
      "test bar by operator",
    ]);
  });

  test.each([
    ["{}", /reason/],
    ['{"reason":""}', /reason: say in a few words/],
    ['{"reason":"\\u200b"}', /reason: say in a few words/],
    ['{"reason":7}', /reason/],
    ['{"reason":"x","copies":2}', /unknown field "copies"/],
    [`{"reason":"${"x".repeat(201)}"}`, /reason/],
    ["[]", /object/],
    ["{", /not JSON/],
  ])("reprint with %s: 400", async (text, words) => {
    const answer = await post("/api/v1/deliveries/DL1/reprint")
      .set("Content-Type", "application/json")
      .send(text);
    expect([answer.status, detailOf(answer)]).toEqual([400, expect.stringMatching(words)]);
    expect(bench.acts).toEqual([]);
  });

  test("a body of another kind, coded, or too long", async () => {
    await post("/api/v1/deliveries/DL1/reprint").type("form").send("reason=x").expect(415);
    const coded = post("/api/v1/deliveries/DL1/reprint").set("Content-Encoding", "gzip");
    await coded.send({ reason: "x" }).expect(415);
    await post("/api/v1/deliveries/DL1/reprint")
      .send({ reason: "x".repeat(20_000) })
      .expect(413);
    expect(bench.acts).toEqual([]);
  });

  test("what the relay refuses keeps its words", async () => {
    bench.failure = new RelayError("conflict", "delivery DL1 is printed: only a dead one can be redriven");
    const answer = await post("/api/v1/deliveries/DL1/redrive").expect(409);
    expect(detailOf(answer)).toBe("delivery DL1 is printed: only a dead one can be redriven");
    expect(bench.events).toEqual([]);
  });
});

describe("webhooks, stores, printers", () => {
  test("webhooks: a list without bodies, one with its exact bytes", async () => {
    bench.webhooks = [aWebhook({ body: Buffer.from([0x7b, 0xff]) })];
    const list = await get("/api/v1/webhooks?status=accepted&store=noodle-bar&limit=1").expect(200);
    expect(list.text).not.toContain("body_base64");
    expect(bench.asked).toEqual([{ status: "accepted", store: "noodle-bar", limit: 2 }]);
    const { body } = await get("/api/v1/webhooks/WH1").expect(200);
    expect(body).toMatchObject({ id: "WH1", body: "{\ufffd", body_base64: "e/8=", body_bytes: 2 });
    expect(body).toMatchObject({ headers: { "x-shopline-topic": "orders/cancelled" }, origin: "webhook" });
    bench.webhooks = [aWebhook({ body: null })];
    expect((await get("/api/v1/webhooks/WH1")).body).toMatchObject({ body: null, body_base64: null });
    await get("/api/v1/webhooks/NOPE").expect(404);
  });

  test("stores with their address, printers; a page each; never a secret", async () => {
    bench.webhooks = [aWebhook()];
    bench.watches = [aWatch(), aWatch({ store: "cake-shop" })];
    const stores = await get("/api/v1/stores?limit=2").expect(200);
    expect(stores.body).toMatchObject({
      items: [
        { name: "cake-shop", webhook_url: "http://relay.test/webhooks/shoplazza/cake-shop", watch: null },
        {
          name: "noodle-bar",
          webhook_url: "http://relay.test/webhooks/shopline/noodle-bar",
          secret_count: 1,
          api: { url: "https://demo.myshopline.com/admin", version: null },
          last_webhook_at: "2027-01-15T07:59:00.000Z",
          watch: { since: "2027-01-14T08:00:00.000Z", found_count: 2, subscribed_at: null },
        },
      ],
    });
    const { next_cursor } = stores.body as { next_cursor: string };
    const rest = await get(`/api/v1/stores?limit=2&cursor=${next_cursor}`).expect(200);
    expect(rest.body).toMatchObject({
      items: [{ name: "tee-shop", webhook_url: "http://relay.test/webhooks/fastpod/tee-shop/{your token}" }],
      next_cursor: null,
    });
    const printers = await get("/api/v1/printers").expect(200);
    expect(printers.body).toMatchObject({
      items: [{ name: "bar" }, { name: "kitchen", time_zone: "Asia/Taipei" }],
    });
    for (const secret of SECRETS) expect(stores.text + rest.text + printers.text).not.toContain(secret);
  });
});

describe("everything else", () => {
  test.each(["/api/v1/deliveries", "/api/v1/stores", "/api/openapi.json", "/metrics"])(
    "POST %s: 405",
    async (path) => {
      expect((await post(path).expect(405)).headers.allow).toBe("GET, HEAD");
    },
  );

  test("GET of an act: 405", async () => {
    expect((await get("/api/v1/deliveries/DL1/redrive").expect(405)).headers.allow).toBe("POST");
  });

  test("metrics as they are", async () => {
    const answer = await get("/metrics").expect(200);
    expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.text).toBe("relay_up 1\n");
  });

  test("the ledger is away: 503; a bug: 500; nothing of either is said", async () => {
    bench.failure = ledgerDown();
    expect((await get("/api/v1/deliveries").expect(503)).text).not.toContain("secret-place");
    bench.failure = new Error("at secret-place");
    expect((await get("/api/v1/deliveries").expect(500)).text).not.toContain("secret-place");
  });

  test("answers are not kept, not sniffed, not framed; nothing tells the software", async () => {
    const { headers } = await get("/api/v1/deliveries").expect(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none';style-src 'self';img-src 'self';script-src 'self';connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
    expect(headers["strict-transport-security"]).toBeUndefined();
    await get("/api/v1/nothing").expect(404);
  });
});
