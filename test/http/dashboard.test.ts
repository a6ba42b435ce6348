import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { ADMIN, createBench, ledgerDown, SECRETS, VIEWER, type Bench } from "./fakes.ts";
import { aDelivery, aDetail, anAlert, anAttempt, aWebhook, NOW } from "./samples.ts";
import { strangerTo, visitorOf, type Visitor } from "./visitor.ts";

const EVIL = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
let bench: Bench;

let admin: Visitor;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  [admin, viewer] = [await visitorOf(bench, ADMIN), await visitorOf(bench, VIEWER)];
});
const page = (path: string, visitor = admin): request.Test => visitor.page(path);
const press = (path: string, visitor = admin): request.Test => visitor.press(path);

describe("the first page", () => {
  test("what needs a person comes first, the worst before the rest; then the day, then the latest", async () => {
    bench.details = [aDetail({ id: "DL3", order_name: "#1003" })];
    bench.alerts = [
      anAlert({ id: "AL9", severity: "warning", text: "Store bakery is silent", delivery_id: null }),
      anAlert({
        delivery_id: "DL2",
        text: "Order #1002 (noodle-bar → kitchen): the cancellation will not print",
      }),
      anAlert({ id: "AL0", text: "Told and over", state: "closed" }),
      anAlert({ id: "AL2", text: "No order id", delivery_id: null, webhook_id: "WH1", count: 3 }),
    ];
    const { text } = await page("/").expect(200);
    const places = [
      "5 things need a person",
      "#1002",
      "is silent",
      "The last 24 hours",
      "Latest",
      "#1003",
    ].reduce<number[]>((found, word) => [...found, text.indexOf(word, found.at(-1) ?? 0)], []);
    expect(places).not.toContain(-1);
    expect(text).toContain("<title>(5) Now");
    expect(text).toContain('href="/deliveries/DL2"');
    expect(text).toContain('href="/webhooks/WH1"');
    expect(text).not.toContain("Told and over");
  });

  test("when nothing does, it says so, and where every moment stands", async () => {
    const { text } = await page("/").expect(200);
    expect(text).toContain("Nothing needs a person");
    // Of two printers in two zones neither's clock is everybody's.
    expect(text).toContain("UTC");
    expect(text).not.toContain("To the first slip");
  });

  test("a relay that nobody has set up yet says how", async () => {
    bench = createBench({ settings: () => ({ printers: [], stores: [] }) });
    admin = await visitorOf(bench, ADMIN);
    const { text } = await page("/").expect(200);
    expect(text).toContain("Add a printer");
    expect(text).toContain("No cancellation has come yet");
    expect(text).not.toContain("Nothing needs a person");
    expect((await page("/webhooks")).text).toContain("No webhook has come yet");
  });

  test("who searches gets the answer first, or what else it may be", async () => {
    bench.details = [aDetail({ id: "DL2", state: "dead", attention: "dead" })];
    const { text } = await page("/deliveries?q=1001&state=").expect(200);
    expect(bench.asked).toContainEqual({ q: "1001", limit: 50 });
    expect(text).toContain('value="1001"');
    expect(text).toContain("<title>“1001” in deliveries ·");
    // How many there are in all says nothing of what was found.
    expect(text).not.toContain("Deliveries by state");
    expect((await page("/deliveries?state=dead")).text).toContain("Deliveries by state");
    bench.details = [];
    expect((await page("/deliveries?q=9999")).text).toContain("it has not told the relay");
    expect((await page("/deliveries")).text).toContain("No cancellation has come yet");
  });

  test("a bookmark of a search at its old place leads to the new one", async () => {
    const answer = await page("/?state=dead&q=a%26b").expect(303);
    expect(answer.headers.location).toBe("/deliveries?state=dead&q=a%26b");
  });

  test("a wrong question is a page that says so", async () => {
    const answer = await page("/deliveries?limit=1000").expect(400);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(answer.text).toContain("limit: ");
    // Whoever is signed in is not left without a way on.
    expect(answer.text).toContain('href="/stores-and-printers"');
  });
});

describe("one delivery", () => {
  test("the answer, the slip, what happened, the facts, the ways out", async () => {
    bench.details = [aDetail()];
    bench.webhooks = [aWebhook()];
    const { text } = await page("/deliveries/DL1?done=reprint").expect(200);
    for (const words of [
      "Confirmed at 15:59:05, 5 s after",
      'src="/api/v1/deliveries/DL1/slip.svg?try=1"',
      "Times in Asia/Taipei",
      "The cloud accepted it.",
      "9007199254740993",
      'href="/webhooks/WH1"',
      "order_json",
      'action="/deliveries/DL1/reprint"',
      'action="/webhooks/WH1/replay"',
      'data-live="/live?order=21071234567890123456"',
      "curl -sS -X POST &#39;https://cloud.example/v1/api/cancelorder&#39;",
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

  test("without the script a young one on its way is followed, a printed one and a held one are not", async () => {
    const follows = async (own: Parameters<typeof aDelivery>[0]): Promise<boolean> => {
      bench.details = [aDetail(own)];
      return (await page("/deliveries/DL1", viewer)).text.includes('http-equiv="refresh" content="5"');
    };
    expect(await follows({ state: "accepted" })).toBe(true);
    expect(await follows({ state: "accepted", created_at: NOW - 600_000 })).toBe(false);
    expect(await follows({ state: "printed" })).toBe(false);
    expect(await follows({ state: "pending", next_attempt_at: null })).toBe(false);
  });

  test("regression: where somebody may type, no page asks for itself again and takes what was typed", async () => {
    bench.details = [aDetail({ state: "accepted" })];
    for (const path of ["/", "/deliveries", "/deliveries/DL1", "/stores-and-printers"])
      expect((await page(path).expect(200)).text).not.toContain('http-equiv="refresh"');
  });

  test("a ticket that cannot be laid out does not take the page with it", async () => {
    const compose = (): never => {
      throw new RangeError("width");
    };
    bench = createBench({ compose });
    admin = await visitorOf(bench, ADMIN);
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
    expect((await press("/deliveries/DL1/redrive", strangerTo(bench)).expect(303)).headers.location).toBe(
      "/sign-in?undone",
    );
    bench.failure = new RelayError("conflict", "delivery DL1 is printed");
    expect((await press("/deliveries/DL1/redrive").expect(409)).text).toContain("delivery DL1 is printed");
    expect(bench.acts).toHaveLength(4);
  });
});

test("bug: a store's API that had confirmed a cancellation was shown as one that gave no answer", async () => {
  const asked = anAttempt({
    kind: "verify",
    number: 1,
    http_status: null,
    detail: "the store's API says cancelled",
  });
  bench.details = [{ ...aDetail({ id: "DL1" }), attempts: [asked] }];
  const { text } = await page("/deliveries/DL1").expect(200);
  expect(text).toContain("The store&#39;s API says cancelled.");
  expect(text).not.toContain("no answer");
});

describe("the other pages", () => {
  test("webhooks, one with its body, one without", async () => {
    bench.webhooks = [aWebhook()];
    expect((await page("/webhooks?status=accepted").expect(200)).text).toContain('href="/webhooks/WH1"');
    expect((await page("/webhooks/WH1").expect(200)).text).toContain("&quot;name&quot;: &quot;#1001&quot;");
    expect((await page("/webhooks/WH1")).text).toContain('action="/webhooks/WH1/replay"');
    expect((await page("/webhooks/WH1", viewer)).text).not.toContain("/replay");
    bench.webhooks = [aWebhook({ body: null, status: "duplicate" })];
    expect((await page("/webhooks/WH1").expect(200)).text).toMatch(/^(?!.*\/replay).*Its body is not kept/s);
  });

  test("bug: a webhook whose body is damaged had no page", async () => {
    bench.webhooks = [aWebhook({ body: null, body_damaged: true })];
    expect((await page("/webhooks/WH1").expect(200)).text).toContain("Its body is damaged in the ledger");
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

test("regression: a bidirectional override in a body swapped what its reader read", async () => {
  // The signs of Unicode's TR 36, "bidirectional text spoofing", and an escape that a terminal would obey.
  const body = Buffer.from(`not JSON \u202egnp.exe\u202c \u2066x\u2069 \u001b[2J\u0000 ชื่อ 陳\n\tnext`);
  bench.webhooks = [aWebhook({ body })];
  const { text } = await page("/webhooks/WH1").expect(200);
  expect(text).toContain("not JSON \\u202egnp.exe\\u202c \\u2066x\\u2069 \\u001b[2J\\u0000 ชื่อ 陳\n\tnext");
  bench.webhooks = [aWebhook({ body: Buffer.from('{"name":"\u202egnp"}') })];
  expect((await page("/webhooks/WH1")).text).toContain("&quot;name&quot;: &quot;\\u202egnp&quot;");
});

describe("on every page", () => {
  const paths = [
    "/",
    "/deliveries",
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
    bench.alerts = [anAlert({ text: EVIL, store: EVIL })];
    bench.webhooks = [
      aWebhook({
        reason: EVIL,
        topic: EVIL,
        headers: { [EVIL]: EVIL },
        body: Buffer.from(EVIL),
        status: "quarantined",
      }),
    ];
    const query = path === "/deliveries" ? `?q=${encodeURIComponent(EVIL)}` : "";
    for (const { text, headers } of [await page(path), await page(path + query)]) {
      // A literal quote is always our own: what stands between two is an attribute's value.
      const [, script, rest] =
        /^(.*<script src="\/assets\/app\.js\?v=[0-9a-f]{12}" defer><\/script>)(.*)$/s.exec(text)!;
      expect(`${script!.replace(/<script.*/s, "")}${rest!}`.replace(/"[^"]*"/g, "")).not.toMatch(
        /<script|<img src=x|<[^>]*\s(on\w+|style)=/,
      );
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
    expect(answer.text).toContain("Tell the kitchen by hand");
    expect(answer.text).toContain('http-equiv="refresh" content="10"');
    expect(answer.text).not.toContain("secret-place");
  });
});
