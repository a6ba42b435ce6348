import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { asAdmin, ADMIN, createBench, type Bench } from "./fakes.ts";
import { aDelivery, aDetail, aWebhook } from "./samples.ts";

let bench: Bench;
/** What each act was asked under. */
let keys: (string | undefined)[];
beforeEach(() => {
  bench = createBench();
  keys = [];
  const { relay } = bench.deps;
  const withKeys = {
    ...relay,
    reprint(id: string, reason: string, by: string, key?: string) {
      keys.push(key);
      return relay.reprint(id, reason, by);
    },
    testSlip(printer: string, by: string, key?: string) {
      keys.push(key);
      return relay.testSlip(printer, by);
    },
  };
  bench.server = createHttpServer({ ...bench.deps, relay: withKeys });
});

const reprint = (): request.Test =>
  request(bench.server.handler).post("/api/v1/deliveries/DL1/reprint").set(asAdmin).send({ reason: "lost" });

describe("Idempotency-Key", () => {
  test.each([
    ['"8e03978e-40d5"', "8e03978e-40d5"],
    ["8e03978e-40d5", "8e03978e-40d5"],
    ['"with blank, comma and \\" \\\\"', 'with blank, comma and " \\'],
    ["x".repeat(255), "x".repeat(255)],
  ])("%s is a key", async (header, key) => {
    await reprint().set("Idempotency-Key", header).expect(201);
    expect(keys).toEqual([key]);
  });

  test.each(["", '""', '"open', "two, keys", "with blank", "é", "x".repeat(256), '"a", "b"'])(
    "%j is none: 400, and nothing is done",
    async (header) => {
      const { body } = await reprint().set("Idempotency-Key", header).expect(400);
      expect((body as { detail: string }).detail).toMatch(/^Idempotency-Key must be one key/);
      expect(bench.acts).toEqual([]);
    },
  );

  test("without one every request is an act", async () => {
    await reprint().expect(201);
    expect(keys).toEqual([undefined]);
  });

  test("one of another act is 422, one that is under way 409 with Retry-After", async () => {
    bench.failure = new RelayError("key_reused", "this Idempotency-Key was used for another act");
    const reused = await reprint().set("Idempotency-Key", "k").expect(422);
    expect((reused.body as { type: string }).type).toBe("urn:goodcom-relay:problem:key_reused");
    bench.failure = new RelayError("repeated", "still under way");
    const running = await reprint().set("Idempotency-Key", "k").expect(409);
    expect(running.headers["retry-after"]).toBe("1");
  });
});

describe("who", () => {
  test.each([
    ["Ana", "operator Ana"],
    [Buffer.from("王小明").toString("latin1"), "operator 王小明"],
    ["caf\u00e9", "operator café"],
    ["", "operator"],
    ["x".repeat(5000), `operator ${"x".repeat(39)}…`],
  ])("Relay-Operator %j", async (header, by) => {
    // Without a body: node would write both as one text, and the header's bytes as two each.
    const act = request(bench.server.handler).post("/api/v1/printers/bar/test-slip").set(asAdmin);
    await act.set("Relay-Operator", header).expect(201);
    expect(bench.acts).toEqual([`test bar by ${by}`]);
  });

  /** Signs in as somebody. @returns the session's cookie */
  async function signIn(name: string): Promise<string> {
    const answer = await request(bench.server.handler)
      .post("/sign-in")
      .set("Sec-Fetch-Site", "same-origin")
      .type("form")
      .send({ token: ADMIN, name })
      .expect(303);
    return (answer.headers["set-cookie"] as unknown as string[])[0]?.split(";")[0] ?? "";
  }
  const press = (cookie: string, key?: string): request.Test =>
    request(bench.server.handler)
      .post("/printers/bar/test-slip")
      .set({ Cookie: cookie, "Sec-Fetch-Site": "same-origin" })
      .type("form")
      .send(key === undefined ? {} : { idempotency_key: key });

  test("the name of the sign-in form goes with the session", async () => {
    await press(await signIn(" Zoë <script>\u202e ")).expect(303);
    await press(await signIn("")).expect(303);
    expect(bench.acts).toEqual(["test bar by operator Zoë <script>", "test bar by operator"]);
  });

  test("a session whose name was changed is none", async () => {
    const cookie = await signIn("Ana");
    const forged = cookie.replace(
      Buffer.from("Ana").toString("base64url"),
      Buffer.from("Bob").toString("base64url"),
    );
    expect(forged).not.toBe(cookie);
    await press(forged).expect("Location", /^\/sign-in/);
    expect(bench.acts).toEqual([]);
  });

  test("a form's hidden field is the key, another on every page", async () => {
    bench.details = [aDetail({ state: "dead" })];
    bench.webhooks = [aWebhook()];
    const cookie = await signIn("Ana");
    const fieldOf = async (path: string): Promise<string[]> => {
      const { text } = await request(bench.server.handler).get(path).set("Cookie", cookie).expect(200);
      return [...text.matchAll(/name="idempotency_key" value="([\w-]{36})"/g)].map(([, key]) => key ?? "");
    };
    const first = await fieldOf("/deliveries/DL1");
    const fields = [
      ...first,
      ...(await fieldOf("/deliveries/DL1")),
      ...(await fieldOf("/webhooks/WH1")),
      ...(await fieldOf("/stores-and-printers")),
    ];
    // Redrive, reprint, and replay of its webhook.
    expect(first).toHaveLength(3);
    expect(fields.length).toBeGreaterThanOrEqual(8);
    expect(new Set(fields).size).toBe(fields.length);
    await press(cookie, first[0]).expect(303);
    expect(keys).toEqual([first[0]]);
    await press(cookie, "x".repeat(300)).expect(400);
  });

  test("a hostile name in the history is text on the page", async () => {
    const detail = aDetail();
    const history = [
      { at: 0, state: "pending" as const, by: 'operator <img src=x onerror="1">', note: "redriven" },
    ];
    bench.details = [{ ...detail, delivery: aDelivery(), history }];
    const { text } = await request(bench.server.handler).get("/deliveries/DL1").set(asAdmin).expect(200);
    expect(text).toContain("operator &lt;img src=x onerror=&quot;1&quot;&gt;");
    expect(text).not.toContain("<img src=x");
  });
});
