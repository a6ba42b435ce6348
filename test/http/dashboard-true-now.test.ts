import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { ADMIN, createBench, ledgerDown, SETTINGS, type Bench } from "./fakes.ts";
import { aDetail, anAlert, aWebhook, NOW } from "./samples.ts";
import { strangerTo, visitorOf, type Visitor } from "./visitor.ts";

let bench: Bench;
let admin: Visitor;
beforeEach(async () => {
  bench = createBench();
  admin = await visitorOf(bench, ADMIN);
});
const textOf = async (path: string, visitor = admin): Promise<string> =>
  (await visitor.page(path).expect(200)).text;

describe("an order that waits", () => {
  const waiting = { state: "pending", attempt_count: 0, printed_at: null, accepted_at: null } as const;
  const PAGES = ["/", "/deliveries", "/deliveries/DL1"];

  test("bug: in an outage of the cloud that was told already pages said that a new slip goes out now", async () => {
    bench.details = [aDetail({ ...waiting, next_attempt_at: NOW - 2_000 })];
    for (const path of PAGES) expect(await textOf(path)).toContain("Goes out now.");
    const outage = { type: "cloud.lost", delivery_id: null, store: null, printer: null } as const;
    bench.alerts = [anAlert({ ...outage, raised_at: NOW - 600_000 })];
    for (const path of PAGES) {
      const text = await textOf(path);
      expect(text).toContain("It was due 2 s ago and waits: the printer cloud takes no orders.");
      expect(text).not.toContain("Goes out now");
    }
    expect(await textOf("/deliveries/DL1")).toContain("Tell the kitchen by hand if it cannot wait.");
    // Another printer's account there has nothing to do with it.
    bench.alerts = [anAlert({ ...outage, printer: "bar", raised_at: NOW - 600_000 })];
    expect(await textOf("/deliveries/DL1")).toContain("Goes out now.");
  });

  test("bug: pages said of a slip for a printer that was removed that it is tried again by itself", async () => {
    const tried = { attempt_count: 3, next_attempt_at: NOW + 48_000, created_at: NOW - 600_000 };
    bench.details = [aDetail({ ...waiting, ...tried })];
    bench.settings = { ...SETTINGS, printers: [] };
    for (const path of ["/deliveries", "/deliveries/DL1"])
      expect(await textOf(path)).toContain(
        "Printer kitchen is not set up any more: nothing can be sent to it.",
      );
    const text = await textOf("/deliveries/DL1");
    expect(text).toContain("Tell the kitchen by hand. It goes out when a printer kitchen is set up again.");
    expect(text).not.toContain("by itself");
  });
});

describe("a ledger that can be read and cannot store", () => {
  const open = async (): Promise<{ visitor: Visitor; stranger: Visitor }> => {
    const fake = createBench();
    const ledger = { ...fake.deps.ledger, ping: () => Promise.reject(ledgerDown()) };
    const readOnly = createBench({ ledger });
    return { visitor: await visitorOf(readOnly, ADMIN), stranger: strangerTo(readOnly) };
  };

  test("bug: the page Now was green and live while every webhook was refused", async () => {
    expect(await textOf("/")).toContain("Nothing needs a person");
    const { visitor, stranger } = await open();
    const now = await textOf("/", visitor);
    expect(now).not.toContain("Nothing needs a person");
    expect(now).toContain("<title>(1) Now ");
    for (const path of ["/", "/deliveries", "/webhooks", "/stores-and-printers", "/stores/noodle-bar"]) {
      const text = await textOf(path, visitor);
      expect(text).toMatch(/<div id="unready" data-live>\s*<p class="warning" role="alert">/);
      expect(text).toMatch(/ledger cannot store now\. Until it can, webhooks are refused/);
    }
    // Whoever is not signed in learns nothing of how things stand.
    expect(await textOf("/sign-in", stranger)).not.toContain("unready");
    expect(await textOf("/")).toMatch(/<div id="unready" data-live><\/div>/);
  });
});

describe("an act that comes to nothing", () => {
  const from = (path: string) =>
    admin.press("/deliveries/DL1/redrive").set("Referer", `http://relay.test${path}`);

  test("bug: who was beaten to it by another operator stood on a page without a way back", async () => {
    bench.failure = new RelayError(
      "conflict",
      "delivery DL1 is pending: only a dead or held one can be redriven",
    );
    const { text } = await from("/deliveries/DL1?done=redrive").expect(409);
    expect(text).toContain("delivery DL1 is pending");
    expect(text).toContain('href="/deliveries/DL1">Back, to how things stand now</a>');
    // No page of another host.
    expect((await from("//evil.example/").expect(409)).text).not.toContain("evil");
    expect((await admin.press("/deliveries/DL1/redrive").expect(409)).text).toContain('href="/">Back');
  });

  test("bug: a replay or a cancelling that came to no slip led to a page that did not say that anything was done", async () => {
    bench.webhooks = [aWebhook({ status: "quarantined", delivery_id: null, reason: "no order id" })];
    const replay = () =>
      Promise.resolve({
        status: "quarantined",
        webhook_id: "WH1",
        delivery_id: null,
        reason: "no order id",
      } as const);
    const again = createBench({ ledger: bench.deps.ledger, relay: { ...bench.deps.relay, replay } });
    const visitor = await visitorOf(again, ADMIN);
    const { headers } = await visitor.press("/webhooks/WH1/replay").expect(303);
    expect(headers.location).toBe("/webhooks/WH1?done=replay");
    expect(await textOf("/webhooks/WH1?done=replay", visitor)).toMatch(
      /<p class="notice" role="status">Read once more just now\./,
    );
    expect(await textOf("/webhooks/WH1?done=cancelled")).toMatch(
      /role="status">Cancelled at the store\. No slip was made of its answer/,
    );
    expect(await textOf("/webhooks/WH1?done=constructor")).not.toContain('class="notice"');
  });

  test("bug: with the ledger away a button's page spoke of sending a request again", async () => {
    bench.failure = ledgerDown();
    const { text } = await from("/deliveries/DL1").expect(503);
    expect(text).toMatch(/nobody can say whether what you pressed was done\. Go back and see/);
    expect(text).not.toContain("request");
    expect(text).toContain('href="/deliveries/DL1">Back');
  });
});
