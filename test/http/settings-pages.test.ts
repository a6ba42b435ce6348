import { beforeEach, describe, expect, test } from "vitest";
import { ADMIN, createBench, SECRETS, VIEWER, type Bench } from "./fakes.ts";
import { aDetail, anAlert, aWebhook } from "./samples.ts";
import { visitorOf, type Visitor } from "./visitor.ts";

let bench: Bench;
let admin: Visitor;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  admin = await visitorOf(bench, ADMIN);
  viewer = await visitorOf(bench, VIEWER);
});
const store = (name: string) => bench.settings.stores.find((one) => one.name === name);
const printer = (name: string) => bench.settings.printers.find((one) => one.name === name);

describe("removing", () => {
  test("asks first; a printer in use stays; deliveries are not touched", async () => {
    const asked = await admin.page("/printers/bar/remove").expect(200);
    expect(asked.text).toContain("cannot be removed while stores print on it");
    expect(asked.text).not.toContain('<button class="danger"');
    const version = async (path: string): Promise<string> =>
      / name="version" value="([^"]*)"/.exec((await admin.page(path)).text)?.[1] ?? "";
    await admin.press("/stores/cake-shop/remove", { version: "of yesterday" }).expect(409);
    const sent = { version: await version("/stores/cake-shop/remove") };
    await admin
      .press("/stores/cake-shop/remove", sent)
      .expect("Location", "/stores-and-printers?done=removed");
    await admin.press("/stores/cake-shop/remove", sent).expect(303);
    expect(store("cake-shop")).toBeUndefined();
    await admin.press("/printers/bar/remove", { version: await version("/printers/bar/remove") }).expect(303);
    expect(printer("bar")).toBeUndefined();
    await admin.page("/printers/bar").expect(404);
  });
});

test("bug: of what waits for a printer to be removed only what was pending was told", async () => {
  const stores = bench.settings.stores.filter((one) => one.printer !== "bar");
  bench.settings = { ...bench.settings, stores };
  bench.details = (["verifying", "pending", "sending", "printed"] as const).map((state) =>
    aDetail({ state }),
  );
  const { text } = await admin.page("/printers/bar/remove").expect(200);
  expect(text.replace(/\s+/g, " ")).toContain(
    "3 slips wait for it, and cannot be printed until a printer bar is added again.",
  );
});

describe("what a store's page tells", () => {
  test("the last webhook, open trouble, and what the test proves and does not", async () => {
    bench.webhooks = [aWebhook({ status: "quarantined", reason: "no order id" })];
    bench.details = [aDetail({ state: "dead", attention: "dead", last_error: "sign error" })];
    const { text } = await admin.page("/stores/noodle-bar").expect(200);
    for (const words of ["Open trouble", "Did not print", "No order id.", 'href="/webhooks/WH1"']) {
      expect(text).toContain(words);
    }
    expect(text.replace(/\s+/g, " ")).toContain("It does not prove that SHOPLINE knows the address");
    expect((await admin.page("/stores/tee-shop")).text.replace(/\s+/g, " ")).toContain("It skips two steps");
    expect((await admin.page("/stores/cake-shop")).text).not.toContain("/test");
  });

  test("bug: where a refusal stood was nothing when it was asked for again", async () => {
    for (const act of ["subscribe", "reconcile"]) {
      expect((await viewer.page(`/stores/noodle-bar/${act}`).expect(200)).text).toContain("Last webhook");
      await viewer.page(`/stores/nobody/${act}`).expect(404);
    }
  });

  test("when it was changed last, there and on a printer's", async () => {
    for (const path of ["/stores/noodle-bar", "/printers/kitchen"]) {
      expect((await viewer.page(path)).text).toMatch(/<dt>Changed<\/dt>\s*<dd><time [^>]*>3 min ago</);
    }
  });

  test.each([
    ["Slip", "English, 32 characters in a line"],
    ["Time zone", "Asia/Taipei"],
    ["Sent as", "cancelorder, order_txt plain"],
    ["Confirmed within", "10 min"],
    ["Useful for", "24 h"],
  ])("of a printer, %s: %s", async (name, value) => {
    const { text } = await viewer.page("/printers/kitchen");
    expect(text.replace(/>\s+</g, "><")).toContain(`<dt>${name}</dt><dd>${value}</dd>`);
  });

  test("what is wrong with the store or printer itself stands there too, as on the first page", async () => {
    bench.alerts = [
      anAlert({ type: "webhook.refused", delivery_id: null, printer: null, text: "Webhooks are refused" }),
      anAlert({
        type: "cloud.lost",
        delivery_id: null,
        store: null,
        printer: null,
        text: "The cloud is away",
      }),
      anAlert({ text: "Order #1001 will not print" }),
    ];
    const [store, other, printer] = await Promise.all(
      ["/stores/noodle-bar", "/stores/cake-shop", "/printers/kitchen"].map((path) => admin.page(path)),
    );
    expect(store?.text).toContain("Webhooks are refused");
    expect(store?.text).not.toContain("The cloud is away");
    expect(printer?.text).toContain("The cloud is away");
    expect(other?.text).not.toContain("Webhooks are refused");
    // Alerts of orders are told by the orders' own rows.
    expect(`${store?.text} ${printer?.text}`).not.toContain("will not print");
  });

  test("the test's button leads to the delivery, with what the public address said", async () => {
    const answer = await admin.press("/stores/noodle-bar/test").expect(303);
    expect(answer.headers.location).toBe("/deliveries/DL7?done=store-test-answers");
    expect(bench.acts).toEqual(["test of noodle-bar by operator"]);
    bench.details = [aDetail({ id: "DL7", kind: "test" })];
    expect((await admin.page("/deliveries/DL7?done=store-test-silent")).text).toContain("nobody answered");
  });
});

test("what a store is told of money and goods stands on the cancel page, as its platform has it", async () => {
  const [api] = bench.settings.stores.flatMap((one) => one.api ?? []);
  const stores = bench.settings.stores.map((one) => ({ ...one, api: api ?? null }));
  bench.settings = { ...bench.settings, stores };
  const [noodles, shirts] = await Promise.all(
    ["noodle-bar", "tee-shop"].map(async (name) => (await admin.page(`/stores/${name}/cancel`)).text),
  );
  for (const text of [noodles, shirts]) expect(text).toContain("see to a refund there.");
  expect(noodles).toContain("The goods go back into stock");
  expect(shirts).not.toContain("back into stock");
});

test.each([
  ["shopline", ["Optional, such as v20250601."]],
  ["shoplazza", ["Optional, such as 2025-06."]],
  ["fastpod", []],
])("bug: the form of %s asked for a version of its API as only SHOPLINE has it", async (platform, hints) => {
  const { text } = await admin.page(`/add-store/${platform}`).expect(200);
  expect(text.match(/Optional, such as [^<]*/g) ?? []).toEqual(hints);
});

describe("who may", () => {
  const forms = ["/add-printer", "/add-store", "/add-store/shopline", "/stores/noodle-bar/edit"].concat([
    "/stores/noodle-bar/rotate",
    "/stores/noodle-bar/remove",
    "/printers/bar/edit",
    "/printers/bar/remove",
  ]);

  test.each(forms)("%s is for admins", async (path) => {
    await viewer.page(path).expect(403);
    if (path !== "/add-store") await viewer.press(path).expect(403);
    expect(bench.edits).toEqual([]);
  });

  test.each([...forms.filter((path) => path !== "/add-store"), "/stores/noodle-bar/test"])(
    "%s takes nothing from another site's page",
    async (path) => {
      await admin.press(path).set("Sec-Fetch-Site", "cross-site").expect(403);
      expect([bench.edits, bench.acts]).toEqual([[], []]);
    },
  );

  test("a viewer reads, and finds no way to change", async () => {
    for (const path of ["/stores/noodle-bar", "/printers/bar", "/stores-and-printers"]) {
      const { text } = await viewer.page(path).expect(200);
      expect(text).not.toMatch(/href="\/(add-|[^"]*\/(edit|rotate|remove)")|action="\/(stores|printers)/);
    }
  });

  test("a printer that no store prints on leads to adding one, whoever may", async () => {
    bench.settings = { ...bench.settings, stores: [] };
    const ofAdmin = (await admin.page("/printers/bar")).text;
    const ofViewer = (await viewer.page("/printers/bar")).text;
    for (const text of [ofAdmin, ofViewer]) expect(text).toContain("None yet.");
    expect([ofAdmin, ofViewer].map((text) => text.includes('href="/add-store"'))).toEqual([true, false]);
  });

  test("no page holds a secret, and what is not there is 404", async () => {
    const paths = [
      "/stores/noodle-bar",
      "/stores/tee-shop",
      "/printers/kitchen",
      "/stores-and-printers",
      ...forms,
    ];
    for (const path of paths) {
      const { text } = await admin.page(path);
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    }
    for (const path of ["/stores/x", "/printers/x/edit", "/add-store/shopify"])
      await admin.page(path).expect(404);
  });
});

test.each(["/stores/cake-shop", "/printers/kitchen", "/stores-and-printers", "/deliveries/DL1"])(
  "bug: %s failed after an act that bears the name of what every object has",
  async (path) => {
    bench.details = [aDetail({ id: "DL1" })];
    for (const done of ["constructor", "__proto__", "toString"]) {
      const { text } = await admin.page(`${path}?done=${done}`).expect(200);
      expect(text).not.toContain('class="notice"');
    }
  },
);
