import { beforeEach, describe, expect, test } from "vitest";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { ADMIN, createBench, SECRETS, type Bench } from "./fakes.ts";
import { NOW } from "./samples.ts";
import { formIn, visitorOf, type Visitor } from "./visitor.ts";

const EVIL = `"><script>alert(1)</script>`;
let bench: Bench;
let clock: ManualClock;
let admin: Visitor;
beforeEach(async () => {
  clock = createManualClock();
  bench = createBench({}, clock);
  admin = await visitorOf(bench, ADMIN);
});
const store = (name: string) => bench.settings.stores.find((one) => one.name === name);
const printer = (name: string) => bench.settings.printers.find((one) => one.name === name);

describe("from nothing", () => {
  test("the list leads: printer, store, address, test", async () => {
    bench.settings = { printers: [], stores: [] };
    const first = (await admin.page("/stores-and-printers").expect(200)).text;
    expect(first).toContain('href="/add-printer"');
    expect(first).not.toContain('href="/add-store"');
    expect((await admin.page("/add-store")).text).toContain("Add a printer first");
    await admin
      .press("/add-printer", await admin.filled("/add-printer", { name: "kitchen", api_key: "APIKEY-new" }))
      .expect(303)
      .expect("Location", "/printers/kitchen?done=added");
    expect((await admin.page("/stores-and-printers")).text).toContain('href="/add-store"');
    const form = await admin.filled("/add-store/shopline", { name: "noodle-bar", secret: "STORESECRET-new" });
    expect(form.printer).toBe("kitchen");
    await admin.press("/add-store/shopline", form).expect("Location", "/stores/noodle-bar?done=added");
    expect(store("noodle-bar")?.secrets).toEqual(["STORESECRET-new"]);
    const { text } = await admin.page("/stores/noodle-bar?done=added");
    expect(text).toContain("http://relay.test/webhooks/shopline/noodle-bar");
    expect(text).toContain('<button type="button" class="copy" data-copy="#webhook-address" hidden>');
    expect(text).toContain("orders/cancelled");
    expect(text).toContain('action="/stores/noodle-bar/test"');
  });

  test("what was typed stays when something is wrong, but never a secret", async () => {
    const form = await admin.filled("/add-printer", {
      ...{ name: "Kitchen", api_key: "APIKEY-typed", time_zone: EVIL, "sign.template": "{password}" },
      ...{ columns: "33", confirm_within_s: "1.5" },
    });
    const { text } = await admin.press("/add-printer", form).expect(400);
    expect(bench.edits).toEqual([]);
    expect(text).not.toContain("APIKEY");
    expect(text).not.toContain("<script>");
    expect(text).toContain('value="Kitchen"');
    for (const words of [
      'role="alert"',
      '<a href="#f-name">Name</a>: 1 to 64 of a-z',
      '<a href="#f-time_zone">Time zone</a>: not an IANA time zone',
      '<a href="#f-sign-template">Sign: what is signed</a>: may hold only',
      '<a href="#f-columns">Characters in a line</a>: must be 30, 32, 42 or 48',
      '<a href="#f-confirm_within_s">Confirmed within, in seconds</a>: must be a whole number',
      '<a href="#f-api_key">API key</a>: type it again',
      'aria-describedby="f-name-hint f-name-problem"',
      "<details open",
    ]) {
      expect(text).toContain(words);
    }
  });

  test("every field has a label, and nothing runs or styles itself", async () => {
    for (const path of [
      "/add-printer",
      "/add-store/fastpod",
      "/stores/noodle-bar/edit",
      "/stores/noodle-bar/rotate",
    ]) {
      const { text } = await admin.page(path).expect(200);
      const ids = [...text.matchAll(/<(?:input|select)[^>]* id="(f-[^"]*)"/g)].map(([, id]) => id ?? "");
      expect(ids.length).toBeGreaterThan(1);
      for (const id of ids)
        expect(text).toMatch(new RegExp(`for="${id}"|<label class="check">\\s*<input[^>]*id="${id}"`));
      expect(text).not.toMatch(/<script(?! src="\/assets\/app\.js)|\son\w+="|\sstyle="/);
    }
  });

  test("a name that is taken is said beside the field", async () => {
    const form = await admin.filled("/add-store/shoplazza", { name: "cake-shop", secret: "s" });
    const { text } = await admin.press("/add-store/shoplazza", form).expect(409);
    expect(text).toContain("there is a store of this name already");
    await admin
      .press("/add-printer", await admin.filled("/add-printer", { name: "bar", api_key: "k" }))
      .expect(409);
    expect(bench.edits).toEqual([]);
  });
});

describe("editing", () => {
  test("an empty secret leaves the stored one, the rest changes", async () => {
    const form = await admin.filled("/printers/kitchen/edit", { language: "zh-Hant", columns: "48" });
    await admin.press("/printers/kitchen/edit", form).expect("Location", "/printers/kitchen?done=saved");
    expect(printer("kitchen")).toMatchObject({
      ...{ api_key: "APIKEY-kitchen", secret_key: "SECRETKEY-kitchen" },
      ...{ language: "zh-Hant", columns: 48, time_zone: "Asia/Taipei" },
    });
    const without = await admin.filled("/printers/kitchen/edit", { no_secret_key: "on" });
    await admin.press("/printers/kitchen/edit", without).expect(303);
    expect(printer("kitchen")?.secret_key).toBe("");
  });

  test("a form saved untouched changes nothing; the same form sent twice is saved once", async () => {
    for (const path of ["/printers/bar", "/stores/noodle-bar", "/stores/tee-shop", "/stores/cake-shop"]) {
      await admin
        .press(`${path}/edit`, await admin.filled(`${path}/edit`, {}))
        .expect("Location", `${path}?done=saved`);
    }
    expect(bench.edits).toEqual([]);
    const form = await admin.filled("/stores/noodle-bar/edit", { shop_id: "77" });
    await admin.press("/stores/noodle-bar/edit", form).expect(303);
    await admin.press("/stores/noodle-bar/edit", form).expect(303);
    expect(bench.edits).toHaveLength(1);
    expect(store("noodle-bar")).toMatchObject({
      ...{ shop_id: "77", secrets: ["STORESECRET"] },
      api: { url: "https://demo.myshopline.com/admin?key=URLSECRET", token: "APITOKEN" },
    });
  });

  test("who is late is told what is stored now, and may save again", async () => {
    const late = await admin.filled("/stores/noodle-bar/edit", { shop_id: "mine" });
    await admin.press(
      "/stores/noodle-bar/edit",
      await admin.filled("/stores/noodle-bar/edit", { shop_id: "theirs" }),
    );
    // Late stays late, also when something must be mended first.
    const wrong = await admin
      .press("/stores/noodle-bar/edit", { ...late, ignore_older_than_s: "0" })
      .expect(400);
    const { text } = await admin
      .press("/stores/noodle-bar/edit", {
        ...formIn(wrong.text),
        ignore_older_than_s: "",
      })
      .expect(409);
    expect(store("noodle-bar")?.shop_id).toBe("theirs");
    expect(text.replace(/\s+/g, " ")).toContain("<b>theirs</b> (you: mine)");
    expect(text).toContain('value="mine"');
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    await admin.press("/stores/noodle-bar/edit", formIn(text)).expect(303);
    expect(store("noodle-bar")?.shop_id).toBe("mine");
  });

  test("a stored API token goes to no other address than it was given for", async () => {
    const form = await admin.filled("/stores/noodle-bar/edit", { "api.url": "https://thief.myshopline.com" });
    const { text } = await admin.press("/stores/noodle-bar/edit", form).expect(400);
    expect(text).toContain("not sent to another address");
    await admin.press("/stores/noodle-bar/edit", { ...form, "api.token": "another" }).expect(303);
    expect(store("noodle-bar")?.api).toMatchObject({ url: "https://thief.myshopline.com", token: "another" });
    await admin
      .press("/stores/noodle-bar/edit", await admin.filled("/stores/noodle-bar/edit", { "api.url": "" }))
      .expect(303);
    expect(store("noodle-bar")?.api).toBeNull();
  });

  test("a store's API has a public name, and may be held to it by the form", async () => {
    const inside = { "api.url": "https://shop.internal/admin?key=URLSECRET", "api.token": "another" };
    const refused = await admin.filled("/stores/noodle-bar/edit", inside);
    const { text } = await admin.press("/stores/noodle-bar/edit", refused).expect(400);
    expect(text).toContain(
      '<a href="#f-api-url">Address of the store&#39;s API</a>: leads to shop.internal, which is no name of',
    );
    expect(bench.edits).toEqual([]);
    const form = { ...refused, "api.url": "https://shop.example.com/admin" };
    const another = { ...form, "api.allow_host": "shop.example.org" };
    const { text: why } = await admin.press("/stores/noodle-bar/edit", another).expect(400);
    expect(why).toContain("leads to shop.example.com, and api.allow_host allows another");
    const held = { ...form, "api.allow_host": "shop.example.com" };
    await admin.press("/stores/noodle-bar/edit", held).expect(303);
    expect(store("noodle-bar")?.api).toMatchObject({ token: "another", allow_host: "shop.example.com" });
    // It stands in the form again, so that saving something else keeps it.
    const next = await admin.filled("/stores/noodle-bar/edit", { shop_id: "77" });
    await admin.press("/stores/noodle-bar/edit", next).expect(303);
    expect(store("noodle-bar")).toMatchObject({ shop_id: "77", api: { allow_host: "shop.example.com" } });
  });

  test("FastPOD without its API and without trust is refused at the field", async () => {
    const form = await admin.filled("/stores/tee-shop/edit", {});
    delete form.trust_body;
    const { text } = await admin.press("/stores/tee-shop/edit", form).expect(400);
    expect(text).toContain('<a href="#f-api-url">Address of the store&#39;s API</a>: is missing: FastPOD');
  });
});

describe("rotating", () => {
  test("the new one verifies, the old one for a day by the clock on the printer's wall", async () => {
    const form = await admin.filled("/stores/noodle-bar/rotate", { secret: "STORESECRET-2" });
    // 16:00 in Taipei.
    expect(form).toMatchObject({ old: "until", valid_until: "2027-01-16T16:00" });
    await admin
      .press("/stores/noodle-bar/rotate", form)
      .expect("Location", "/stores/noodle-bar?done=rotated");
    const until = Date.UTC(2027, 0, 16, 8, 0, 0);
    expect(store("noodle-bar")?.secrets).toEqual([
      "STORESECRET-2",
      { value: "STORESECRET", valid_until: until },
    ]);
    await admin.press("/stores/noodle-bar/rotate", form).expect(303);
    expect(bench.edits).toHaveLength(1);
    const { text } = await admin.page("/stores/noodle-bar");
    expect(text).toContain("2 valid; one until 2027-01-16 16:00:00 UTC+8 (in 24 h)");
    expect(text).not.toContain("STORESECRET");
    await clock.advance(until - NOW);
    expect((await (await visitorOf(bench, ADMIN)).page("/stores/noodle-bar")).text).toContain("1 valid");
  });

  test.each([
    [{ old: "stop" }, ["STORESECRET-2"]],
    [{ old: "always" }, ["STORESECRET-2", "STORESECRET"]],
  ])("%j", async (choice, secrets) => {
    const form = await admin.filled("/stores/noodle-bar/rotate", { secret: "STORESECRET-2", ...choice });
    await admin.press("/stores/noodle-bar/rotate", form).expect(303);
    expect(store("noodle-bar")?.secrets).toEqual(secrets);
  });

  test.each([
    [{ secret: "" }, "is missing"],
    [{ valid_until: "2027-01-15T15:59" }, "is in the past"],
    [{ valid_until: "tomorrow" }, "must be a date and a time"],
    [{ valid_until: "2027-02-30T12:00" }, "must be a date and a time"],
  ])("%j is refused in words", async (typed, words) => {
    const form = await admin.filled("/stores/noodle-bar/rotate", { secret: "STORESECRET-2", ...typed });
    const { text } = await admin.press("/stores/noodle-bar/rotate", form).expect(400);
    expect(text).toContain(words);
    expect(text).not.toContain("STORESECRET");
    expect(bench.edits).toEqual([]);
  });

  test("FastPOD's new address is shown once, and known afterwards only by its hash", async () => {
    const form = await admin.filled("/stores/tee-shop/rotate", {});
    const { text } = await admin.press("/stores/tee-shop/rotate", form).expect(200);
    const token = /webhooks\/fastpod\/tee-shop\/([\w-]{43})</.exec(text)?.[1] ?? "";
    expect(token).toHaveLength(43);
    expect(text).not.toContain(form.nonce ?? "nonce");
    const [newest, old] = store("tee-shop")?.token_hashes ?? [];
    expect(newest).toBe(bench.deps.hashToken(token));
    expect(old).toMatchObject({ value: bench.deps.hashToken("PATHTOKEN-0123456789-0123456789-0123") });
    // A second press of the button makes no other address.
    expect((await admin.press("/stores/tee-shop/rotate", form).expect(200)).text).toContain(token);
    expect(bench.edits).toHaveLength(1);
    for (const path of [
      "/stores/tee-shop",
      "/stores/tee-shop/edit",
      "/stores-and-printers",
      "/api/v1/stores",
    ]) {
      expect((await admin.page(path)).text).not.toContain(token);
    }
    const another = await admin.press(
      "/stores/tee-shop/rotate",
      await admin.filled("/stores/tee-shop/rotate", {}),
    );
    expect(another.text).not.toContain(token);
  });
});
