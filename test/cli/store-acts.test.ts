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

function act<Result>(what: string, about: string, result: Result): Promise<Result> {
  acts.push(what);
  const failure = failures.get(about);
  return failure === undefined ? Promise.resolve(result) : Promise.reject(failure);
}

const scripted: Pick<StoreActs, "subscribe" | "reconcile" | "lookUp" | "cancelOrder"> = {
  subscribe: (store, by, options) =>
    act(`subscribe ${store} by ${by} ${JSON.stringify(options)}`, store, subscribed),
  reconcile(store, _by, { since = NOON - HOUR_MS } = {}) {
    const ago = since === NOON - HOUR_MS ? "" : ` since ${(NOON - since) / HOUR_MS} h ago`;
    return act(`reconcile ${store}${ago}`, store, {
      ...{ store, since, listed: 1016, known: 1013, found: 2, before: 1, ignored: 0 },
      ...{ quarantined: 0, deliveries: ["DL4", "DL5"] },
    });
  },
  lookUp: (store, id) => act(`look up ${id} of ${store}`, id, order),
  cancelOrder: (store, id, options, by) =>
    act(`cancel ${id} of ${store} by ${by} ${JSON.stringify(options)}`, store, cancelled),
};

async function relay(argv: string[], ask: Cli["ask"] = null) {
  const kit = kitOn(
    { ledger: house.ledger, relay: { ...house.relay, ...scripted } },
    { serviceRunning: () => Promise.resolve(serviceRuns) },
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

  test("bug: the only store's failure named neither the store nor what to do", async () => {
    failures.set("tee-shop", new RelayError("store_refused", "the token lacks read_orders"));
    expect(await relay(["reconcile"])).toMatchObject({
      code: 1,
      out: "",
      err: "relay: store tee-shop: the token lacks read_orders; mend that, then again: relay reconcile tee-shop\n",
    });
    failures.set("tee-shop", new RelayError("store_unavailable", "no connection"));
    expect((await relay(["reconcile"])).err).toBe(
      "relay: store tee-shop: no connection; wait a little, then again: relay reconcile tee-shop\n",
    );
  });

  test.each(["last week", "2026-11-03T12:01Z", "-3d", ""])(
    "since %j is wrong usage, and no store is asked",
    async (since) => {
      expect((await relay(["reconcile", `--since=${since}`])).code).toBe(2);
      expect(acts).toEqual([]);
    },
  );
});

describe("cancel", () => {
  const CANCEL = ["cancel", "noodle-bar", "21057", "--reason", "sold out"];

  const saying = (answer: string) => (question: string) => {
    questions.push(question);
    return Promise.resolve(answer);
  };
  let questions: string[];
  beforeEach(() => {
    questions = [];
  });

  test("without a terminal it cancels, and tells where the slip is", async () => {
    const { code, out, err } = await relay(CANCEL);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "result    order 21057 is cancelled at noodle-bar",
      "paper     its slip is on its way",
      "delivery  DL1",
      "look      relay deliveries show DL1",
      "",
    ]);
    expect(acts).toEqual(['cancel 21057 of noodle-bar by cli ana {"reason":"sold out"}']);
  });

  test("a terminal is shown the order and asked first, and only a yes cancels", async () => {
    for (const no of ["", "n", "yes?", "nay"]) {
      const { code, err } = await relay(CANCEL, saying(no));
      expect([code, err]).toMatchObject([1, expect.stringContaining("nothing was cancelled")]);
    }
    expect(new Set(acts)).toEqual(new Set(["look up 21057 of noodle-bar"]));
    const { code, out } = await relay(CANCEL, saying("y"));
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 5)).toEqual([
      "order     #1001 (id 21057) at noodle-bar",
      "items     2 x Beef noodle soup (Large)",
      "          1 x Tea",
      "total     24.00 EUR",
      "result    order 21057 is cancelled at noodle-bar",
    ]);
    expect((await relay(CANCEL, saying(" YES "))).code).toBe(0);
    expect(new Set(questions)).toEqual(new Set(["Cancel order #1001 at noodle-bar? [y/N] "]));
  });

  test("--yes and --json are not asked, and look nothing up before", async () => {
    const never = () => Promise.reject(new Error("asked"));
    expect((await relay([...CANCEL, "--yes"], never)).code).toBe(0);
    const { code, out } = await relay([...CANCEL, "--json"], never);
    expect([code, JSON.parse(out)]).toEqual([0, cancelled]);
    const once = 'cancel 21057 of noodle-bar by cli ana {"reason":"sold out"}';
    expect(acts).toEqual([once, once]);
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
    const { out } = await relay(CANCEL, saying("y"));
    expect(questions).toEqual(["Print the slip of #1001, if it has none yet? [y/N] "]);
    expect(out).toContain("state     cancelled at the store already");
    expect(out).toContain("result    order 21057 was cancelled already at noodle-bar");
    expect(out).toContain("paper     it has its delivery already, and gets no second slip (same order)");
  });

  test("the store's own no, and an order that it does not have", async () => {
    failures.set("noodle-bar", new RelayError("store_refused", "The order is shipped."));
    expect(await relay(CANCEL)).toMatchObject({ code: 1, err: "relay: The order is shipped.\n" });
    failures.set("999", new RelayError("store_refused", "no such order"));
    acts = [];
    const { code } = await relay(["cancel", "noodle-bar", "999", "--reason", "x"], saying("y"));
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
    expect((await relay(CANCEL, saying("y"))).out).not.toContain("\u001b");
  });

  test.each([
    ["ignored", "no slip (a test order)"],
    ["quarantined", "no slip: the store's answer was not understood, and is kept (a test order)"],
  ] as const)("one whose answer is %s says that nothing prints, and where to look", async (status, paper) => {
    cancelled = { ...cancelled, status, delivery_id: null, reason: "a test order" };
    const { code, out, err } = await relay(CANCEL);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(`paper     ${paper}\nlook      relay webhooks show WH1\n`);
  });
});
