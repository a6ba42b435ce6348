import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import type { Cli } from "../../src/cli/cli.ts";
import { RelayError } from "../../src/core/errors.ts";
import type { OrderSummary, StoreActs, SubscribeResult } from "../../src/stores/store-acts.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

// What the commands say of the acts; the acts themselves are in test/stores.

const NOON = Date.UTC(2026, 10, 3, 12, 0, 0);
const HOUR_MS = 3_600_000;

let house: House;
let serviceRuns: boolean;
let acts: string[];
let subscribed: SubscribeResult;
let order: OrderSummary;
let failures: Map<string, Error>;
let cancelled: Awaited<ReturnType<StoreActs["cancelOrder"]>>;

beforeEach(async () => {
  house = await createHouse();
  serviceRuns = true;
  acts = [];
  failures = new Map();
  const address = "https://relay.test/webhooks/fastpod/tee-shop/***";
  subscribed = {
    ...{ store: "tee-shop", address, result: "created" },
    subscriptions: [
      { id: "s-1", topic: "order.cancelled", address, of_store: "right" },
      { id: "s-2", topic: "order.cancelled", address: "https://other.example/hook", of_store: "other" },
    ],
  };
  order = {
    ...{ store: "noodle-bar", order_id: "21057", order_name: "#1001", cancelled: false },
    items: ["2 x Beef noodle soup (Large)", "1 x Tea"],
    total: "24.00 EUR",
  };
  cancelled = {
    ...{ store: "noodle-bar", order_id: "21057", result: "cancelled", status: "accepted" },
    ...{ webhook_id: "WH1", delivery_id: "DL1", reason: null },
  };
});
afterEach(() => house.close());

function act(what: string, about: string): void {
  acts.push(what);
  const failure = failures.get(about);
  if (failure !== undefined) throw failure;
}

const scripted: Pick<StoreActs, "subscribe" | "reconcile" | "lookUp" | "cancelOrder"> = {
  async subscribe(store, by, options) {
    act(`subscribe ${store} by ${by} ${JSON.stringify(options)}`, store);
    return subscribed;
  },
  async reconcile(store, _by, { since } = {}) {
    act(`reconcile ${store}${since === undefined ? "" : ` since ${(NOON - since) / HOUR_MS} h ago`}`, store);
    return {
      ...{
        store,
        since: since ?? NOON - HOUR_MS,
        listed: 1016,
        known: 1013,
        found: 2,
        before: 1,
        ignored: 0,
      },
      ...{ quarantined: 0, deliveries: ["DL4", "DL5"] },
    };
  },
  async lookUp(store, id) {
    act(`look up ${id} of ${store}`, id);
    return order;
  },
  async cancelOrder(store, id, options, by) {
    act(`cancel ${id} of ${store} by ${by} ${JSON.stringify(options)}`, store);
    return cancelled;
  },
};

async function relay(argv: string[], ask: Cli["ask"] = null) {
  const kit = kitOn(
    { ledger: house.ledger, relay: { ...house.relay, ...scripted } },
    { serviceRunning: () => serviceRuns },
  );
  const fake = fakeCli({ kit });
  const code = await run(argv, { ...fake.cli, ask });
  return { code, out: fake.out(), err: fake.err() };
}

describe("subscribe", () => {
  test("tells the address, what was done, and whose each subscription is", async () => {
    const { code, out, err } = await relay(["subscribe", "tee-shop"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").map((line) => line.trimEnd())).toEqual([
      "address   https://relay.test/webhooks/fastpod/tee-shop/***",
      "result    made: the store calls this address from now on",
      "subscription  whose         address",
      "s-1           this store's  https://relay.test/webhooks/fastpod/tee-shop/***",
      "s-2           another's     https://other.example/hook",
      "",
    ]);
    expect(acts).toEqual(['subscribe tee-shop by cli ana {"check":false,"replace":false}']);
  });

  test("a look that finds none is exit 1 with the command that makes one, also as JSON", async () => {
    subscribed = { ...subscribed, result: "missing", subscriptions: [] };
    const { code, out, err } = await relay(["subscribe", "tee-shop", "--check", "--json"]);
    expect([code, JSON.parse(out)]).toEqual([1, subscribed]);
    expect(err).toContain("have it do so with: relay subscribe tee-shop");
    expect(acts).toEqual(['subscribe tee-shop by cli ana {"check":true,"replace":false}']);
  });

  test("looking and replacing at once is wrong usage; a refusal is one line", async () => {
    expect((await relay(["subscribe", "tee-shop", "--check", "--replace"])).code).toBe(2);
    failures.set("tee-shop", new RelayError("conflict", "stores call\nhttps addresses only"));
    const { code, err } = await relay(["subscribe", "tee-shop"]);
    expect([code, err]).toEqual([1, "relay: stores call https addresses only\n"]);
  });
});

describe("reconcile", () => {
  test("asks every store with an api unless some are named, a line for each", async () => {
    const { code, out, err } = await relay(["reconcile"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toBe(
      "tee-shop: 2 found and being printed, 1,013 known, 1 from before (1,016 listed since 2026-11-03 11:00:00 UTC)\n",
    );
    await relay(["reconcile", "cocktails", "noodle-bar", "cocktails", "--since", "3d"]);
    expect(acts).toEqual([
      "reconcile tee-shop",
      "reconcile cocktails since 72 h ago",
      "reconcile noodle-bar since 72 h ago",
    ]);
  });

  test("one store's failure does not keep the others from being asked, and is exit 1", async () => {
    failures.set("cocktails", new RelayError("store_unavailable", "no connection"));
    const { code, out, err } = await relay(["reconcile", "cocktails", "tee-shop"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^tee-shop: 2 found/);
    expect(err.split("\n")).toEqual([
      "cocktails: no connection",
      "relay: 1 of 2 stores could not be asked: cocktails; the others are done, run it again for these",
      "",
    ]);
    const json = await relay(["reconcile", "cocktails", "tee-shop", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      items: [{ store: "tee-shop", since: "2026-11-03T11:00:00.000Z", found: 2, deliveries: ["DL4", "DL5"] }],
      failed: [{ store: "cocktails", code: "store_unavailable", detail: "no connection" }],
    });
  });

  test("a ledger that fails ends it: the other stores would fare no better", async () => {
    failures.set("cocktails", new RelayError("ledger_unavailable", "the disk is full"));
    expect((await relay(["reconcile", "cocktails", "tee-shop"])).err).toBe("relay: the disk is full\n");
    expect(acts).toEqual(["reconcile cocktails"]);
  });

  test("what it found waits for a service, and that is said", async () => {
    serviceRuns = false;
    expect((await relay(["reconcile"])).err).toContain("no service is running on this ledger");
  });

  test("a time that is none is wrong usage", async () => {
    expect((await relay(["reconcile", "--since", "last week"])).code).toBe(2);
  });
});

describe("cancel", () => {
  const CANCEL = ["cancel", "noodle-bar", "21057", "--reason", "sold out"];

  test("shows the order, cancels it, and tells where its slip is", async () => {
    const { code, out, err } = await relay(CANCEL);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "order     #1001 (id 21057) at noodle-bar",
      "items     2 x Beef noodle soup (Large)",
      "          1 x Tea",
      "total     24.00 EUR",
      "result    cancelled at the store",
      "paper     its slip is being printed",
      "delivery  DL1",
      "look      relay deliveries show DL1",
      "",
    ]);
    expect(acts).toEqual([
      "look up 21057 of noodle-bar",
      'cancel 21057 of noodle-bar by cli ana {"reason":"sold out"}',
    ]);
  });

  test("a terminal is asked first, and only a yes cancels", async () => {
    const questions: string[] = [];
    const answering = (answer: string) => (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    };
    for (const no of ["", "n", "yes?", "nay"]) {
      const { code, err } = await relay(CANCEL, answering(no));
      expect([code, err]).toMatchObject([1, expect.stringContaining("nothing was cancelled")]);
    }
    expect(acts.filter((one) => one.startsWith("cancel"))).toEqual([]);
    for (const yes of ["y", " YES "]) expect((await relay(CANCEL, answering(yes))).code).toBe(0);
    expect(new Set(questions)).toEqual(new Set(["Cancel order #1001 at noodle-bar? [y/N] "]));
  });

  test("--yes and --json are not asked; JSON looks nothing up before", async () => {
    const never = () => Promise.reject(new Error("asked"));
    expect((await relay([...CANCEL, "--yes"], never)).code).toBe(0);
    acts = [];
    const { code, out } = await relay([...CANCEL, "--json"], never);
    expect([code, JSON.parse(out)]).toEqual([0, cancelled]);
    expect(acts).toEqual(['cancel 21057 of noodle-bar by cli ana {"reason":"sold out"}']);
  });

  test("what SHOPLINE alone knows is passed on only when it is said", async () => {
    await relay([...CANCEL, "--json", "--no-restock", "--email", "--amount", "12.50"]);
    expect(acts).toEqual([
      'cancel 21057 of noodle-bar by cli ana {"reason":"sold out","restock":false,"email":true,"amount":"12.50"}',
    ]);
  });

  test("one that is cancelled already says so, with the slip it has", async () => {
    order = { ...order, cancelled: true };
    cancelled = { ...cancelled, result: "already_cancelled", status: "duplicate", reason: "same order" };
    const questions: string[] = [];
    const { out } = await relay(CANCEL, (question) => {
      questions.push(question);
      return Promise.resolve("y");
    });
    expect(questions).toEqual(["Print the slip of #1001, if it has none yet? [y/N] "]);
    expect(out).toContain("state     cancelled at the store already");
    expect(out).toContain("result    was cancelled at the store already");
    expect(out).toContain("paper     it has its slip already, and gets no second one (same order)");
  });

  test("the store's own no, and an order that it does not have", async () => {
    failures.set("noodle-bar", new RelayError("store_refused", "The order is shipped."));
    expect(await relay(CANCEL)).toMatchObject({ code: 1, err: "relay: The order is shipped.\n" });
    failures.set("999", new RelayError("store_refused", "no such order"));
    acts = [];
    const { code } = await relay(["cancel", "noodle-bar", "999", "--reason", "x"]);
    expect([code, acts]).toEqual([1, ["look up 999 of noodle-bar"]]);
  });

  test.each([
    ["no reason", ["cancel", "noodle-bar", "21057"]],
    ["an empty reason", ["cancel", "noodle-bar", "21057", "--reason", " "]],
    ["a reason past 200 characters", ["cancel", "noodle-bar", "21057", "--reason", "x".repeat(201)]],
    ["an amount that is none", [...CANCEL, "--amount", "all"]],
    ["an order id that is a path", ["cancel", "noodle-bar", "..", "--reason", "x"]],
  ])("%s is wrong usage, and no store is asked", async (_what, argv) => {
    expect((await relay(argv)).code).toBe(2);
    expect(acts).toEqual([]);
  });

  test("text of a stranger moves no cursor", async () => {
    order = { ...order, order_name: "#1\u001b[2J", items: ["1 x \u001b[31mred"] };
    expect((await relay(CANCEL)).out).not.toContain("\u001b");
  });

  test("without a service its slip waits, and that is said", async () => {
    serviceRuns = false;
    expect((await relay(CANCEL)).err).toContain("no service is running on this ledger");
  });
});
