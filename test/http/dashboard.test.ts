import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { ADMIN, createBench, ledgerDown, SECRETS, VIEWER, type Bench } from "./fakes.ts";
import { aDelivery, aDetail, aWebhook, NOW } from "./samples.ts";

const EVIL = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
const OURS = { "Sec-Fetch-Site": "same-origin" };
let bench: Bench;
let admin: string;
let viewer: string;

async function signIn(token: string): Promise<string> {
  const answer = await request(bench.server.handler).post("/sign-in").set(OURS).type("form").send({ token });
  expect(answer.status).toBe(303);
  return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}
beforeEach(async () => {
  bench = createBench();
  admin = await signIn(ADMIN);
  viewer = await signIn(VIEWER);
});
const page = (path: string, cookie = admin): request.Test =>
  request(bench.server.handler).get(path).set("Cookie", cookie);
const press = (path: string, cookie = admin): request.Test =>
  request(bench.server.handler).post(path).set("Cookie", cookie).set(OURS).type("form");

describe("the door", () => {
  test("nobody signed in is sent to sign in, and back to where they were going", async () => {
    const { handler } = bench.server;
    expect((await request(handler).get("/").expect(303)).headers.location).toBe("/sign-in");
    const deep = await request(handler).get("/deliveries/DL1?done=test").expect(303);
    expect(deep.headers.location).toBe("/sign-in?next=%2Fdeliveries%2FDL1%3Fdone%3Dtest");
    const form = await request(handler)
      .get(deep.headers.location ?? "")
      .expect(200);
    expect(form.text).toContain('name="next" value="/deliveries/DL1?done=test"');
    const back = await press("/sign-in", "").send({ token: ADMIN, next: "/deliveries/DL1" }).expect(303);
    expect(back.headers.location).toBe("/deliveries/DL1");
    expect(String(back.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Strict/);
  });

  test.each(["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/\r\nX: y"])(
    "never on to %j",
    async (next) => {
      const back = await press("/sign-in", "").send({ token: ADMIN, next }).expect(303);
      expect(back.headers.location).toBe("/");
    },
  );

  test("a wrong token: 401 and the form again; after five, 429 even for the right one", async () => {
    for (let i = 0; i < 5; i++) {
      const answer = await press("/sign-in", "").send({ token: "wrong" }).expect(401);
      expect(answer.text).toContain("This is not the token");
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    const answer = await press("/sign-in", "").send({ token: ADMIN }).expect(429);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("another site can neither sign in nor out nor act", async () => {
    for (const path of ["/sign-in", "/sign-out", "/deliveries/DL1/redrive", "/printers/bar/test-slip"]) {
      const answer = await press(path).set("Sec-Fetch-Site", "cross-site").send({ token: ADMIN });
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([403, undefined]);
    }
    expect(bench.acts).toEqual([]);
  });

  test("a session acts on the API only from our own page", async () => {
    const act = (): request.Test => request(bench.server.handler).post("/api/v1/deliveries/DL1/redrive");
    await act().set("Cookie", admin).expect(403);
    await act().set("Cookie", admin).set("Origin", "https://evil.test").expect(403);
    await act().set("Cookie", admin).set("Origin", "http://relay.test").expect(200);
    await act().set("Cookie", viewer).set("Origin", "http://relay.test").expect(403);
    await request(bench.server.handler).get("/api/v1/deliveries").set("Cookie", viewer).expect(200);
  });

  test("a link from elsewhere opens by asking once more, from here", async () => {
    const answer = await request(bench.server.handler)
      .get("/deliveries/DL1")
      .set("Sec-Fetch-Site", "cross-site")
      .expect(200);
    expect(answer.text).toContain('<meta http-equiv="refresh" content="0"');
    expect(answer.text).not.toContain("#1001");
  });

  test("signing out ends it", async () => {
    const answer = await press("/sign-out").expect(303);
    expect(String(answer.headers["set-cookie"])).toMatch(/^relay_session=; .*Max-Age=0$/);
  });
});

describe("the first page", () => {
  test("what needs a person comes first, then all", async () => {
    bench.details = [
      aDetail({ id: "DL3", order_name: "#1003" }),
      aDetail({ id: "DL2", order_name: "#1002", state: "dead", attention: "dead", last_error: "sign error" }),
    ];
    bench.webhooks = [aWebhook({ status: "quarantined", reason: "no order id" })];
    const { text } = await page("/").expect(200);
    const places = ["Needs a person", "#1002", "no order id", "All deliveries", "#1003", "#1002"].reduce<
      number[]
    >((found, word) => [...found, text.indexOf(word, found.at(-1) ?? 0)], []);
    expect(places).not.toContain(-1);
    expect(text).toContain("<b>Did not print.</b> Sign error.");
    expect(text).toContain('href="/deliveries/DL2"');
    expect(bench.asked).toContainEqual({ attention: true, since: NOW - 7 * 86_400_000, limit: 21 });
  });

  test("who searches gets the answer first, or what else it may be", async () => {
    bench.details = [aDetail({ id: "DL2", state: "dead", attention: "dead" })];
    const { text } = await page("/?q=1001&state=").expect(200);
    expect(bench.asked).toContainEqual({ q: "1001", limit: 51 });
    expect(text).toContain('value="1001"');
    expect(text.indexOf("Found")).toBeGreaterThan(0);
    expect(text).toContain("1 that need");
    bench.details = [];
    expect((await page("/?q=9999")).text).toContain("its webhook has not come");
    expect((await page("/")).text).toContain("No cancellation has come yet");
  });

  test("a wrong question is a page that says so", async () => {
    const answer = await page("/?limit=1000").expect(400);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(answer.text).toContain("limit: ");
  });
});

describe("one delivery", () => {
  test("the answer, the slip, what happened, the facts, the ways out", async () => {
    bench.details = [aDetail()];
    const { text } = await page("/deliveries/DL1?done=reprint").expect(200);
    for (const words of [
      "Confirmed at 15:59:05, 5 s after",
      'src="/api/v1/deliveries/DL1/slip.svg"',
      "Times in Asia/Taipei",
      "The cloud accepted it.",
      "9007199254740993",
      'href="/webhooks/WH1"',
      "order_json",
      'action="/deliveries/DL1/reprint"',
      "A second slip is on its way",
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain("/redrive");
    await page("/deliveries/NOPE").expect(404);
  });

  test("redrive where it helps, never for a viewer", async () => {
    bench.details = [aDetail({ state: "dead", attention: "dead" })];
    expect((await page("/deliveries/DL1")).text).toContain('action="/deliveries/DL1/redrive"');
    const read = (await page("/deliveries/DL1", viewer)).text;
    expect(read).not.toMatch(/action="\/deliveries/);
    expect(read).toContain("acts need the admin token");
  });

  test("a young one on its way is followed, a printed one and a held one are not", async () => {
    const follows = async (own: Parameters<typeof aDelivery>[0]): Promise<boolean> => {
      bench.details = [aDetail(own)];
      return (await page("/deliveries/DL1")).text.includes('http-equiv="refresh" content="5"');
    };
    expect(await follows({ state: "accepted" })).toBe(true);
    expect(await follows({ state: "accepted", created_at: NOW - 600_000 })).toBe(false);
    expect(await follows({ state: "printed" })).toBe(false);
    expect(await follows({ state: "pending", next_attempt_at: null })).toBe(false);
  });

  test("a ticket that cannot be laid out does not take the page with it", async () => {
    const compose = (): never => {
      throw new RangeError("width");
    };
    bench = createBench({ compose });
    bench.details = [aDetail()];
    expect((await page("/deliveries/DL1").expect(200)).text).toContain("cannot be laid out");
  });

  test("the buttons do what they say, then show it", async () => {
    const locations = [
      await press("/deliveries/DL1/redrive"),
      await press("/deliveries/DL1/reprint").send({ reason: "lost" }),
      await press("/webhooks/WH1/replay"),
      await press("/printers/bar/test-slip"),
    ].map(({ status, headers }) => [status, headers.location]);
    expect(locations).toEqual([
      [303, "/deliveries/DL1?done=redrive"],
      [303, "/deliveries/DL9?done=reprint"],
      [303, "/deliveries/DL1?done=replay"],
      [303, "/deliveries/DL8?done=test"],
    ]);
    expect(bench.acts).toHaveLength(4);
    for (const path of ["/deliveries/DL1/redrive", "/webhooks/WH1/replay"])
      await press(path, viewer).expect(403);
    expect((await press("/deliveries/DL1/redrive", "").expect(303)).headers.location).toBe("/sign-in");
    bench.failure = new RelayError("conflict", "delivery DL1 is printed");
    expect((await press("/deliveries/DL1/redrive").expect(409)).text).toContain("delivery DL1 is printed");
    expect(bench.acts).toHaveLength(4);
  });
});

describe("the other pages", () => {
  test("webhooks, one with its body, one without", async () => {
    bench.webhooks = [aWebhook()];
    expect((await page("/webhooks?status=accepted").expect(200)).text).toContain('href="/webhooks/WH1"');
    expect((await page("/webhooks/WH1").expect(200)).text).toContain("&quot;name&quot;: &quot;#1001&quot;");
    expect((await page("/webhooks/WH1", viewer)).text).not.toContain("/replay");
    bench.webhooks = [aWebhook({ body: null, status: "duplicate" })];
    expect((await page("/webhooks/WH1").expect(200)).text).toContain("Not kept");
  });

  test("stores and printers, with addresses and never a secret", async () => {
    const { text } = await page("/stores-and-printers").expect(200);
    expect(text).toContain("http://relay.test/webhooks/fastpod/tee-shop/{your token}");
    expect(text).toContain("No secret: every webhook of this store is refused");
    expect(text).toContain('action="/printers/bar/test-slip"');
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    expect((await page("/stores-and-printers", viewer)).text).not.toContain("test-slip");
  });

  test("the style sheet by its content, and the icon", async () => {
    const style = /href="(\/assets\/app\.css\?v=[0-9a-f]{12})"/.exec((await page("/")).text)?.[1] ?? "";
    const { handler } = bench.server;
    const answer = await request(handler).get(style).expect(200);
    expect(answer.headers["content-type"]).toBe("text/css; charset=utf-8");
    expect(answer.headers["cache-control"]).toContain("immutable");
    await request(handler).get("/assets/icon.svg").expect(200).expect("Content-Type", /svg/);
    await request(handler).get("/assets/..%2f..%2fserver.ts").expect(404);
  });
});

describe("on every page", () => {
  const paths = [
    "/",
    "/deliveries/DL1",
    "/webhooks",
    "/webhooks/WH1",
    "/stores-and-printers",
    "/stores/noodle-bar",
    "/printers/kitchen",
    "/deliveries/NO",
  ];

  test.each(paths)("%s: a buyer's text is text, and nothing runs", async (path) => {
    const ticket = { ...aDelivery().ticket, reason: EVIL, problems: [EVIL] };
    const detail = aDetail({
      order_name: EVIL,
      reason: EVIL,
      last_error: EVIL,
      store: EVIL,
      state: "dead",
      attention: "dead",
      ticket,
    });
    detail.history.push({ at: NOW, state: "dead", by: EVIL, note: EVIL });
    detail.confirmations.push({ at: NOW, verdict: "accepted", message: EVIL, time: EVIL, raw: EVIL });
    bench.details = [detail];
    bench.webhooks = [
      aWebhook({
        reason: EVIL,
        topic: EVIL,
        headers: { [EVIL]: EVIL },
        body: Buffer.from(EVIL),
        status: "quarantined",
      }),
    ];
    const query = path === "/" ? `?q=${encodeURIComponent(EVIL)}` : "";
    for (const { text, headers } of [await page(path), await page(path + query)]) {
      // A literal quote is always our own: what stands between two is an attribute's value.
      expect(text.replace(/"[^"]*"/g, "")).not.toMatch(/<script|<img src=x|<[^>]*\s(on\w+|style)=/);
      expect(text).toContain(
        path === "/deliveries/NO" || path === "/stores-and-printers" ? "<h1>" : "&lt;script&gt;",
      );
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
    }
  });

  test.each(paths)("%s: the ledger away is a page too, and says nothing of why", async (path) => {
    bench.failure = ledgerDown();
    const answer = await page(path);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("cannot reach its ledger");
    expect(answer.text).not.toContain("secret-place");
  });
});
