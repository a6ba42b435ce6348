import type request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { ADMIN, createBench, VIEWER, type Bench } from "./fakes.ts";
import { aDetail, anAlert, aWebhook, NOW } from "./samples.ts";
import { visitorOf, type Visitor } from "./visitor.ts";

let bench: Bench;
let admin: Visitor;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  [admin, viewer] = [await visitorOf(bench, ADMIN), await visitorOf(bench, VIEWER)];
});
const page = (path: string, visitor = admin): request.Test => visitor.page(path);

describe("an order without a delivery", () => {
  test("bug: a search for an order whose webhook was ignored did not say so", async () => {
    const body = Buffer.from('{"id":"77","name":"#1003"}');
    bench.webhooks = [
      aWebhook({ id: "WH7", status: "ignored", reason: "it is not cancelled", delivery_id: null, body }),
    ];
    const { text } = await page("/deliveries?q=1003").expect(200);
    expect(text).toMatch(/A webhook of noodle-bar\s+names it/);
    expect(text).toContain("It is not cancelled.");
    expect(text).toContain('href="/webhooks/WH7"');
    expect((await page("/deliveries?q=1003&state=dead")).text).toContain('href="/deliveries?q=1003"');
    expect((await page("/webhooks")).text).toContain("<strong>#1003</strong>");
  });

  test("bug: an order's quarantined webhook was hidden by another store's order of the same number", async () => {
    const body = Buffer.from('{"id":"77","name":"#1001"}');
    const held = { status: "quarantined", reason: "not understood", delivery_id: null, body } as const;
    bench.webhooks = [aWebhook({ id: "WH7", store: "cake-shop", ...held })];
    bench.details = [aDetail()];
    const note =
      /Of cake-shop, <b>1001<\/b> has no delivery, so nothing was printed:\s+<a href="\/webhooks\/WH7"/;
    const { text } = await page("/deliveries?q=1001").expect(200);
    expect(text).toMatch(note);
    expect(text).toContain('href="/deliveries/DL1"');
    // Of the store whose order is found it tells nothing new.
    bench.webhooks = [aWebhook({ id: "WH7", store: "noodle-bar", ...held })];
    expect((await page("/deliveries?q=1001")).text).not.toContain("WH7");
    // What was found has the number in its id alone.
    bench.details = [aDetail({ order_name: "#2002" })];
    expect((await page("/deliveries?q=1001")).text).toContain('href="/webhooks/WH7"');
  });

  test("bug: of 42 a search said that the store had told nothing, where #0042 had printed", async () => {
    bench.details = [aDetail({ order_name: "#0042" })];
    const { text } = await page("/deliveries?q=order+42").expect(200);
    expect(text).toMatch(/No order is called exactly <b>order 42<\/b>\. With the same digits there is:/);
    expect(text).toContain('href="/deliveries/DL1"');
  });

  test("bug: in a large ledger an order's quarantined webhook was told on the last of many pages alone", async () => {
    const searchDeliveries = () => Promise.resolve({ items: [], next: "01M8P44YC5Z6GPXEDPC5CW0521" });
    const large = createBench({ ledger: { ...bench.deps.ledger, searchDeliveries } });
    const search = async (q: string) =>
      (await (await visitorOf(large, ADMIN)).page(`/deliveries?q=${q}`)).text;
    const body = Buffer.from('{"id":"77","name":"#1001"}');
    bench.webhooks = [aWebhook({ id: "WH7", status: "quarantined", delivery_id: null, body })];
    for (const told of ['href="/webhooks/WH7"', ">Older</a>"]) expect(await search("1001")).toContain(told);
    expect(await search("1002")).toMatch(/No order is called <b>1002<\/b>, and of the newest none/);
  });

  test("bug: a search for an order that never came pointed at a log", async () => {
    const search = (visitor = admin) => page("/deliveries?q=1003", visitor);
    const { text } = await search().expect(200);
    expect(text).toContain("No alert <code>webhook.refused</code> is open");
    expect(text).not.toContain("log");
    // Of the three stores one has an API.
    expect(text.match(/action="\/stores\/[a-z-]+\/reconcile"/g)).toEqual([
      'action="/stores/noodle-bar/reconcile"',
    ]);
    expect((await search(viewer)).text).not.toContain("/reconcile");
    bench.alerts = [anAlert({ type: "webhook.refused", delivery_id: null, store: "cake-shop" })];
    expect((await search()).text).toContain('href="/stores/cake-shop"');
  });
});

describe("what a page says is to be done", () => {
  test("bug: a dead delivery whose reprint had printed still asked for a redrive", async () => {
    const dead = { state: "dead", attention: "dead", last_error: "refused", printed_at: null } as const;
    const reprint = { kind: "reprint", reprint_of: "DL1", reprint_number: 1 } as const;
    const printed = { ...reprint, id: "DL2", state: "printed" } as const;
    bench.details = [aDetail(dead), aDetail(printed)];
    const { text } = await page("/deliveries/DL1");
    expect(text).toContain("Did not print itself");
    expect(text).toContain("Printed as reprint 1 at 15:59:05");
    expect(text).toContain('href="/deliveries/DL2"');
    expect(text).not.toContain("Tell the kitchen");
    expect(text).not.toContain('action="/deliveries/DL1/redrive"');
    const reprinted = (await page("/deliveries/DL2")).text;
    expect(reprinted).toContain('href="/deliveries/DL1">The first slip');
    expect(reprinted).not.toContain('badge bad">dead');
    const list = (await page("/deliveries")).text;
    expect(list).toContain("Did not print itself");
    expect(list).not.toContain('badge bad">dead');
    expect((await page("/printers/kitchen")).text).not.toContain("Did not print");
    bench.details = [aDetail(dead), aDetail({ ...printed, state: "dead" })];
    expect((await page("/deliveries/DL1")).text).toContain('action="/deliveries/DL1/redrive"');
  });

  test("bug: the page of a forgotten buyer's delivery offered to replay a body that is erased", async () => {
    bench.details = [aDetail({ forgotten_at: NOW })];
    bench.webhooks = [aWebhook({ body: null })];
    const { text } = await page("/deliveries/DL1");
    expect(text).not.toContain("/replay");
    expect(text).toContain("its body is not kept: the buyer&#39;s data was erased");
    expect(text).toContain("The buyer's data was erased at");
    bench.details = [aDetail({ forgotten_at: null })];
    expect((await page("/deliveries/DL1")).text).not.toContain("data was erased at");
  });

  test("a webhook of which no order is known is called by the way it came", async () => {
    const unknown = { delivery_id: null, body: Buffer.from("{"), status: "quarantined" } as const;
    bench.webhooks = [aWebhook({ ...unknown, origin: "reconcile" })];
    expect((await page("/webhooks")).text).toContain("<strong>Fetched order</strong>");
  });

  test("bug: on a store's own page its trouble named it again and led to it again", async () => {
    const text = "Store noodle-bar is silent: nothing for 3 days";
    bench.alerts = [anAlert({ type: "store.silent", text, delivery_id: null, store: "noodle-bar" })];
    bench.webhooks = [aWebhook({ status: "quarantined", delivery_id: null })];
    const trouble = (await page("/stores/noodle-bar")).text.split("Open trouble").at(-1) ?? "";
    expect(trouble).toContain("Is silent: nothing for 3 days.");
    expect(trouble).not.toContain('class="alert" href');
    expect(trouble).toContain("<strong>#1001</strong>");
  });
});
