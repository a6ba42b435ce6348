import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import { ADMIN, createBench, SECRETS, VIEWER, type Bench } from "./fakes.ts";
import { aDetail, aWebhook, NOW } from "./samples.ts";
import { visitorOf, type Visitor } from "./visitor.ts";

let bench: Bench;
let admin: Visitor;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  bench.watches = [aWatch()];
  admin = await visitorOf(bench, ADMIN);
  viewer = await visitorOf(bench, VIEWER);
});

function aWatch(own: Partial<StoreWatch> = {}): StoreWatch {
  return {
    ...{ store: "noodle-bar", since: NOW - 86_400_000, found_count: 0 },
    ...{ reconciled_to: null, reconciled_at: null, reconcile_error: null },
    ...{ subscribed_at: null, subscription_id: null, checked_at: null, check_error: null },
    ...own,
  };
}

/** What a person reads, with its white space as one. */
function wordsOf(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ")
    .replace(/ ([,;:.])/g, "$1");
}

async function read(visitor: Visitor, path: string): Promise<string> {
  return wordsOf((await visitor.page(path).expect(200)).text);
}

/** What a browser would send of the form on this page that holds the button. */
function formWith(text: string, button: string): Record<string, string> {
  const form = text.split("<form").find((one) => one.includes(`>${button}</button>`)) ?? "";
  const inputs = [...form.matchAll(/<input\s[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name = "", value = ""]) => [name, value]));
}

describe("what a store's page tells of its API", () => {
  test("never asked, never seen", async () => {
    const text = await read(admin, "/stores/noodle-bar");
    expect(text).toContain("Subscription never seen not asked yet");
    expect(text).toContain("Last fetched never");
    expect(text).toContain("Found so far nothing that was missed");
  });

  test("in place, and all fetched; in the printer's zone", async () => {
    bench.watches = [
      aWatch({
        ...{ subscribed_at: NOW - 7_200_000, checked_at: NOW - 240_000, found_count: 3 },
        ...{ reconciled_to: NOW - 60_000, reconciled_at: NOW - 58_000 },
      }),
    ];
    const text = await read(viewer, "/stores/noodle-bar");
    expect(text).toContain("Subscription in place asked 4 min ago, first seen 14:00:00");
    expect(text).toContain("Last fetched well 58 s ago; whatever was cancelled until 15:59:00 UTC+8 is here");
    expect(text).toContain("3 that no webhook had brought");
  });

  test("gone, in plain words, and the same words once", async () => {
    const error = "SHOPLINE's API answered 401: the api.token of store noodle-bar is not accepted";
    bench.watches = [
      aWatch({ subscribed_at: NOW - 7_200_000, checked_at: NOW, check_error: error, reconcile_error: error }),
    ];
    const text = await read(admin, "/stores/noodle-bar");
    expect(text).toContain("gone, or nobody knows");
    expect(text.split(error)).toHaveLength(2);
  });

  test("a store without one: what it would give, and where it is set", async () => {
    const { text } = await admin.page("/stores/cake-shop").expect(200);
    expect(wordsOf(text)).toContain("Not set, so the relay only listens.");
    expect(text).toContain('href="/stores/cake-shop/edit#f-api-url"');
    expect(text).not.toMatch(/cake-shop\/(subscribe|reconcile|cancel)/);
  });

  test("an address that no store can call is told in place of a button that fails", async () => {
    bench = createBench({ unreachable: () => "stores call https addresses only" });
    bench.watches = [aWatch()];
    const { text } = await (await visitorOf(bench, ADMIN)).page("/stores/noodle-bar").expect(200);
    expect(wordsOf(text)).toContain("cannot be subscribed: Stores call https addresses only.");
    expect(text).not.toContain("noodle-bar/subscribe");
    expect(text).toContain("noodle-bar/reconcile");
  });

  test("a viewer sees it, and no way to act", async () => {
    const { text } = await viewer.page("/stores/noodle-bar").expect(200);
    expect(wordsOf(text)).toContain("The store's API");
    expect(text).not.toMatch(/noodle-bar\/(subscribe|reconcile|cancel)/);
  });

  test("whatever a store says is text, and no page holds a secret", async () => {
    bench.watches = [aWatch({ check_error: "<script>alert(1)</script>", checked_at: NOW })];
    const { text } = await admin.page("/stores/noodle-bar").expect(200);
    expect(text).toContain("&lt;script&gt;alert(1)");
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });
});

describe("subscribing and fetching", () => {
  test("each leads back to the store, with what came of it", async () => {
    const subscribed = await admin.press("/stores/noodle-bar/subscribe").expect(303);
    expect(subscribed.headers.location).toBe("/stores/noodle-bar?done=subscription-created");
    const fetched = await admin.press("/stores/noodle-bar/reconcile").expect(303);
    expect(bench.acts).toEqual([
      'subscribe noodle-bar by operator {"replace":false}',
      "reconcile noodle-bar by operator",
    ]);
    const told = await read(admin, fetched.headers.location ?? "");
    expect(told).toContain("2 of 16 cancelled orders that the store listed had not come by a webhook");
    expect(await read(admin, "/stores/noodle-bar?done=fetched-16-0-1")).toContain("Not understood: 1");
    expect(await read(admin, "/stores/noodle-bar?done=fetched-x-0-1")).not.toContain("Nothing was missed");
  });

  test("a refusal is told on the store's page, in the store's words", async () => {
    const { relay } = bench.deps;
    const words = "SHOPLINE's API answered 403: no scope read_orders";
    relay.reconcile = () => Promise.reject(new RelayError("store_refused", words));
    relay.subscribe = () => Promise.reject(new RelayError("store_unavailable", "no connection"));
    const { text } = await admin.press("/stores/noodle-bar/reconcile").expect(422);
    expect(text).toContain('role="alert"');
    expect(wordsOf(text)).toContain(`The store says no ${words}.`);
    const away = await admin.press("/stores/noodle-bar/subscribe").expect(503);
    expect(wordsOf(away.text)).toContain("No clear answer from the store No connection.");
  });

  test("another's place is taken only when somebody has seen whose it is", async () => {
    const address = "https://other.example/hook";
    bench.shop.subscribed.subscriptions = [
      { id: "sub-9", topic: "orders/cancelled", address, of_store: "other" },
    ];
    const { relay } = bench.deps;
    const { subscribe } = relay;
    relay.subscribe = (store, by, options = {}) =>
      options.check === true || options.replace === true
        ? subscribe(store, by, options)
        : Promise.reject(new RelayError("conflict", `store ${store} calls ${address}`));
    const { text } = await admin.press("/stores/noodle-bar/subscribe").expect(409);
    expect(text).toContain(`<code>${address}</code>`);
    await admin
      .press("/stores/noodle-bar/subscribe", formWith(text, "Put this relay in its place"))
      .expect(303);
    expect(bench.acts.at(-1)).toBe('subscribe noodle-bar by operator {"replace":true}');
  });
});

describe("cancelling an order at its store", () => {
  const CANCEL = "/stores/noodle-bar/cancel";
  const typed = { order_id: "21057", reason: "sold out" };

  test("a look at the order, then in earnest and under one key, then its delivery", async () => {
    const shown = await admin.press(CANCEL, await admin.filled(CANCEL, typed)).expect(200);
    const words = wordsOf(shown.text);
    for (const part of [
      "Cancel order #1001?",
      "open",
      "2 x Beef noodle soup (Large)",
      "24.00 EUR",
      "sold out",
    ]) {
      expect(words).toContain(part);
    }
    expect(bench.acts).toEqual(["look up 21057 of noodle-bar"]);
    const form = formWith(shown.text, "Cancel it at the store and print");
    const [first, second] = [await admin.press(CANCEL, form), await admin.press(CANCEL, form)];
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe("/deliveries/DL6?done=cancelled");
    expect(second.headers.location).toBe(first.headers.location);
    const act = `cancel 21057 of noodle-bar by operator under ${form.idempotency_key ?? "none"}: {"reason":"sold out"}`;
    expect(bench.acts.slice(1)).toEqual([act, act]);
    bench.details = [aDetail({ id: "DL6" })];
    expect(await read(admin, "/deliveries/DL6?done=cancelled")).toContain("Cancelled at the store.");
  });

  test("every look has a key of its own", async () => {
    const keyOf = async () => {
      const { text } = await admin.press(CANCEL, typed);
      return formWith(text, "Cancel it at the store and print").idempotency_key;
    };
    expect(await keyOf()).not.toBe(await keyOf());
  });

  test("who signed in by name is in the history", async () => {
    const answer = await admin.press("/sign-in", { token: ADMIN, name: "Ana" });
    const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
    await admin
      .press(CANCEL, { ...typed, step: "cancel" })
      .set("Cookie", cookie)
      .expect(303);
    expect(bench.acts).toEqual(['cancel 21057 of noodle-bar by operator Ana: {"reason":"sold out"}']);
  });

  test("the way back keeps what was typed, and asks the store nothing", async () => {
    const shown = await admin.press(CANCEL, typed);
    const form = formWith(shown.text, "Back: another order or reason");
    const { text } = await admin.press(CANCEL, form).expect(200);
    expect(text).toMatch(/name="order_id"\s+value="21057"/);
    expect(text).toMatch(/name="reason"\s+value="sold out"/);
    expect(bench.acts).toHaveLength(1);
  });

  test("one that is cancelled already is said to be, and prints if it never did", async () => {
    bench.shop.order.cancelled = true;
    bench.shop.cancelled = { ...bench.shop.cancelled, result: "already_cancelled", status: "duplicate" };
    const shown = await admin.press(CANCEL, typed).expect(200);
    expect(wordsOf(shown.text)).toContain("Order #1001 is cancelled already");
    const { headers } = await admin.press(CANCEL, formWith(shown.text, "Print its slip")).expect(303);
    expect(headers.location).toBe("/deliveries/DL6?done=cancelled-before-duplicate");
    bench.details = [aDetail({ id: "DL6" })];
    expect(await read(admin, headers.location ?? "")).toContain("nothing prints twice");
  });

  test("one of which nothing prints leads to what the store answered", async () => {
    bench.shop.cancelled = { result: "cancelled", status: "ignored", delivery_id: null, reason: "too old" };
    const { headers } = await admin.press(CANCEL, { ...typed, step: "cancel" }).expect(303);
    expect(headers.location).toBe("/webhooks/WH6");
  });

  test.each([
    ["store_refused", 422, "The store says no", "the order has been shipped"],
    ["store_unavailable", 503, "No clear answer from the store", "order 21057 may have been cancelled"],
    ["conflict", 409, "Not possible now", "store noodle-bar has no api"],
    ["repeated", 409, "Still under way", "still under way: ask again"],
  ] as const)(
    "%s comes back on the form, and nothing typed is lost",
    async (code, status, heading, words) => {
      for (const step of ["", "cancel"]) {
        const failing = () => Promise.reject(new RelayError(code, words));
        Object.assign(bench.deps.relay, { lookUp: failing, cancelOrder: failing });
        const { text } = await admin.press(CANCEL, { ...typed, step }).expect(status);
        expect(wordsOf(text)).toContain(heading);
        if (code !== "repeated") expect(wordsOf(text).toLowerCase()).toContain(words);
        expect(text).toMatch(/name="order_id"\s+value="21057"/);
        expect(text).toMatch(/name="reason"\s+value="sold out"/);
      }
    },
  );

  test.each([
    [{ order_id: "", reason: "" }, ["Order: is missing", "Reason: say in a few words"]],
    [{ order_id: "..", reason: "x" }, ["Order: is no id that a store gives"]],
    [{ order_id: "9".repeat(101), reason: "x" }, ["Order: is no id that a store gives"]],
    [{ order_id: "1", reason: "x".repeat(201) }, ["Reason: is too long"]],
    [{ order_id: "1", reason: "\u200b \u202e" }, ["Reason: say in a few words"]],
  ])("%j is asked of no store", async (form, problems) => {
    for (const step of ["", "cancel"]) {
      const { text } = await admin.press(CANCEL, { ...form, step }).expect(400);
      for (const problem of problems) expect(wordsOf(text)).toContain(problem);
    }
    expect(bench.acts).toEqual([]);
  });

  test("what a store and a person write is text", async () => {
    bench.shop.order = { ...bench.shop.order, order_name: "<b>", items: ['"><img src=x>'], total: "<i>" };
    const { text } = await admin.press(CANCEL, { order_id: '1"><u>', reason: "<s>&" }).expect(200);
    for (const tag of ["<img", "<i>", "<u>", "<s>", "Order <b>"]) expect(text).not.toContain(tag);
    expect(formWith(text, "Cancel it at the store and print")).toMatchObject({ step: "cancel" });
  });

  test("it is for admins, from our own pages, at stores that there are and that can be asked", async () => {
    await viewer.page(CANCEL).expect(403);
    await viewer.press(CANCEL, { ...typed, step: "cancel" }).expect(403);
    for (const act of ["cancel", "subscribe", "reconcile"]) {
      await viewer.press(`/stores/noodle-bar/${act}`, typed).expect(403);
      await admin.press(`/stores/noodle-bar/${act}`, typed).set("Sec-Fetch-Site", "cross-site").expect(403);
      await admin.press(`/stores/nowhere/${act}`, typed).expect(404);
    }
    await admin.page("/stores/nowhere/cancel").expect(404);
    expect(bench.acts).toEqual([]);
    expect(await read(admin, "/stores/cake-shop/cancel")).toContain("The relay cannot ask this store");
  });
});

describe("how an order came", () => {
  test.each([
    ["webhook", "Received", null, "Replay its webhook"],
    ["reconcile", "Fetched", "Found by reconciliation: no webhook brought it.", "Replay the store's answer"],
    ["cancel", "Cancelled here", "Cancelled at the store from here.", "Replay the store's answer"],
  ] as const)("%s is told on its delivery and on what was kept", async (origin, step, words, replay) => {
    const webhook = aWebhook({ origin, ...(origin === "webhook" ? {} : { topic: null, headers: {} }) });
    bench.details = [{ ...aDetail(), webhook }];
    bench.webhooks = [webhook];
    const delivery = await read(admin, "/deliveries/DL1");
    expect(delivery).toContain(step);
    expect(delivery).toContain(replay);
    const kept = await read(admin, "/webhooks/WH1");
    expect(kept.includes("Headers")).toBe(origin === "webhook");
    for (const page of [delivery, kept]) if (words !== null) expect(page).toContain(words);
    if (origin === "webhook") expect(delivery).not.toContain("How it came");
    else expect(delivery).not.toMatch(/Received [0-9]|[Ww]ebhook, as/);
  });
});
