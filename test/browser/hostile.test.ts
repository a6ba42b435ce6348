import fc from "fast-check";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlatformName } from "../../src/core/cancellation.ts";
import { sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import { ADMIN_TOKEN, until } from "../e2e/process.ts";
import { openShop, SECRETS, type Shop } from "../e2e/shop.ts";
import { documentsOf } from "../fuzz/fixtures.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { filledWith, hostileTexts } from "./payloads.ts";
import { overflowOf, signIn } from "./set-up.ts";
import { watched, type Watch } from "./watch.ts";

// `HOSTILE_RUNS=50 HOSTILE_SEED=7 npx vitest run test/browser/hostile.test.ts` looks for longer; a failure tells its seed.
const RUNS = Number(process.env.HOSTILE_RUNS ?? 1);
const SEED = process.env.HOSTILE_SEED === undefined ? {} : { seed: Number(process.env.HOSTILE_SEED) };
const RUN_MS_MAX = 180_000;
const WIDTHS = [1280, 390];
const STORES = { shopline: "noodle-bar", shoplazza: "bakery" } as const;

/** Without these it is no cancellation, and would only be ignored. */
const KEPT = /^(cancelled_at|status|order_status|financial_status)$/;
/** Plain, at the beginning of what is looked for on the pages. */
const SIGN = "<b id=canary-sign>";

describe.runIf(CHROMIUM !== null)("what strangers write, on every page in Chromium", () => {
  let shop: Shop;
  let browser: Browser;
  beforeAll(async () => {
    shop = await openShop({ confirm_after_ms: null });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await shop.close();
  });

  let orders = 0;

  async function post(platform: "shopline" | "shoplazza", body: Buffer, header: string): Promise<void> {
    const signed = signWebhook(platform, body, SECRETS[platform], Date.now());
    const told = header.replace(/[^\x20-\x7e]/g, "").trim();
    const headers = Object.fromEntries(
      Object.entries(signed).map(([name, value]) => [name, /topic|id$|version/.test(name) ? told : value]),
    );
    const path = `/webhooks/${platform}/${STORES[platform]}`;
    const answer = await fetch(shop.relay.url + path, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
  }

  /** Orders of all platforms in which every text is hostile, and all else that strangers may say to the relay. */
  async function pour(texts: readonly string[]): Promise<void> {
    let at = 0;
    const next = (): string => texts[at++ % texts.length] ?? "";
    for (const platform of ["shopline", "shoplazza"] as const) {
      for (const document of documentsOf(platform)) {
        for (const kept of [KEPT, /^(cancelled_at|status)$/]) {
          const filled = filledWith(document, next, kept) as Record<string, unknown>;
          const named = { id: `h-${orders++}`, name: SIGN + next(), cancel_reason: SIGN + next() };
          const order =
            "order" in filled
              ? { order: { ...(filled.order as object), ...named } }
              : { ...filled, ...named };
          await post(platform, Buffer.from(JSON.stringify(order)), next());
        }
      }
      await post(platform, Buffer.from(next() + next()), next());
      await post(platform, Buffer.from(JSON.stringify({ cancelled_at: next(), note: next() })), next());
    }
    const id = `h-${orders++}`;
    const { api_order, path, headers, body } = sampleWebhook("fastpod" satisfies PlatformName, {
      ...{ now: Date.now(), store: "tee-shop", secret: SECRETS.fastpod, order_id: id, order_name: id },
    });
    shop.fastpod.put({ ...(filledWith(api_order, next, KEPT) as object), id });
    await fetch(shop.relay.url + path, { method: "POST", headers, body: new Uint8Array(body) });
    await answered(next);
  }

  /** What the cloud, the printer and an operator say of them. */
  async function answered(next: () => string): Promise<void> {
    await until(async () =>
      (await deliveries()).every(({ state }) => state !== "pending" && state !== "sending"),
    );
    shop.cloud.script([{ fault: "failure", msg: next().slice(0, 500) }]);
    await shop.cancelWith({ id: `h-${orders++}`, name: SIGN + next(), cancel_reason: next(), note: next() });
    await until(async () => (await deliveries()).some(({ state }) => state === "dead"));
    for (const { callback_url } of shop.cloud.slips.slice(-4)) {
      const said = new URLSearchParams({
        ak: next().slice(0, 500),
        m: next().slice(0, 500),
        dt: next().slice(0, 500),
      });
      await fetch(`${callback_url}?${said.toString()}`);
      await fetch(callback_url, { method: "POST", body: next() });
    }
    const [latest] = await deliveries();
    const operator = Buffer.from(
      next()
        .replace(/[\r\n\0]/g, "")
        .toWellFormed()
        .slice(0, 100),
    ).toString("latin1");
    await fetch(`${shop.relay.url}/api/v1/deliveries/${latest!.id}/reprint`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        "content-type": "application/json",
        "relay-operator": operator.replace(/[^\x20-\x7e\x80-\xff]/g, ""),
      },
      body: JSON.stringify({ reason: (SIGN + next()).slice(0, 150).toWellFormed() }),
    });
  }

  async function deliveries(): Promise<{ id: string; state: string }[]> {
    return ((await shop.api("/deliveries?limit=200")).body as { items: { id: string; state: string }[] })
      .items;
  }
  async function webhooks(): Promise<{ id: string; status: string }[]> {
    return ((await shop.api("/webhooks?limit=200")).body as { items: { id: string; status: string }[] })
      .items;
  }

  async function open(width: number): Promise<{ context: BrowserContext; page: Page; watch: Watch }> {
    const context = await browser.newContext({ viewport: { width, height: 844 } });
    const watch = await watched(context, shop.relay.url);
    const page = await context.newPage();
    await page.goto(`${shop.relay.url}/sign-in`);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/`);
    return { context, page, watch };
  }

  /** Pages by how they were asked for; a live one is looked at again after its script has put in what the stream told. */
  function pagesOf(texts: readonly string[], ids: { deliveries: string[]; webhooks: string[] }): string[] {
    const asked = (name: string, value = ""): string =>
      `${name}=${encodeURIComponent(value.toWellFormed().slice(0, 900))}`;
    const [a, b, c, d, e, f, g] = texts;
    return [
      ...["/", "/deliveries", "/deliveries?state=dead", "/webhooks", "/webhooks?status=quarantined"],
      ...["/webhooks?status=ignored", "/stores-and-printers", "/stores/noodle-bar", "/printers/kitchen"],
      ...ids.deliveries.map((id) => `/deliveries/${id}`),
      ...ids.webhooks.map((id) => `/webhooks/${id}`),
      ...ids.deliveries.flatMap((id) => ["svg", "txt"].map((as) => `/api/v1/deliveries/${id}/slip.${as}`)),
      ...ids.deliveries.slice(0, 2).map((id) => `/api/v1/deliveries/${id}`),
      ...ids.webhooks.slice(0, 2).map((id) => `/api/v1/webhooks/${id}`),
      ...["/api/v1/deliveries", "/api/v1/webhooks", "/api/v1/alerts", `/api/v1/deliveries?${asked("q", a)}`],
      ...texts.slice(0, 12).map((text) => `/deliveries?${asked("q", text.slice(0, 190))}`),
      `/deliveries?${asked("q", SIGN)}&${asked("store", c?.slice(0, 60))}&${asked("printer", d?.slice(0, 60))}`,
      ...[`/deliveries?${asked("state", b)}`, `/deliveries?${asked("from", c)}&${asked("to", d)}`],
      ...[
        `/deliveries?${asked("cursor", e)}`,
        `/deliveries?${asked(f ?? "", g)}`,
        `/webhooks?${asked("status", f)}`,
      ],
      ...[`/stores-and-printers?${asked("done", g)}`, `/stores/noodle-bar?${asked("done", a)}`],
      ...[`/deliveries/${encodeURIComponent(b!.toWellFormed().slice(0, 90))}`, `/?${asked("q", c)}`],
      ...[
        `/stores/${encodeURIComponent(e!.toWellFormed().slice(0, 90))}`,
        `/add-store/${encodeURIComponent(f!.toWellFormed().slice(0, 90))}`,
      ],
      ...[
        `/sign-in?${asked("next", d)}`,
        "/sign-in?next=javascript:canary(99)",
        "/sign-in?next=//canary.test/",
      ],
    ];
  }

  async function visit({ page, watch }: { page: Page; watch: Watch }, path: string): Promise<void> {
    const answer = await page.goto(shop.relay.url + path);
    const type = (await answer?.headerValue("content-type")) ?? "";
    const isPage = type.startsWith("text/html");
    expect([path, isPage]).toEqual([path, !path.startsWith("/api/")]);
    expect([path, await answer?.headerValue("x-content-type-options")]).toEqual([path, "nosniff"]);
    if (isPage && (await page.locator("body[data-live]").count()) > 0)
      await page.waitForSelector("#live:has-text('Live')");
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect([path, await watch.strangersIn(page)]).toEqual([path, []]);
    if (isPage) expect([path, await overflowOf(page)]).toEqual([path, 0]);
    expect([path, watch.seen]).toEqual([path, []]);
  }

  test("no word of theirs is more than a word", { timeout: RUN_MS_MAX * RUNS }, async () => {
    const visits = await Promise.all(WIDTHS.map((width) => open(width)));
    await fc.assert(
      fc.asyncProperty(hostileTexts, async (texts) => {
        // One page is open while they come: what its script puts in is hostile, too.
        await visits[0]!.page.goto(`${shop.relay.url}/`);
        const known = new Set([...(await deliveries()), ...(await webhooks())].map(({ id }) => id));
        await pour(texts);
        const fresh = (rows: { id: string }[]): string[] =>
          rows.map(({ id }) => id).filter((id) => !known.has(id));
        const ids = { deliveries: fresh(await deliveries()), webhooks: fresh(await webhooks()) };
        expect(ids.deliveries.length).toBeGreaterThanOrEqual(8);
        expect((await webhooks()).filter(({ status }) => status === "quarantined").length).toBeGreaterThan(0);
        await Promise.all(
          visits.map(async (visitor) => {
            const isPhone = visitor.page.viewportSize()?.width === WIDTHS[1];
            // Without the page's frame a width changes nothing, and a search is laid out as the list is.
            const paths = pagesOf(texts, ids).filter((path) => !isPhone || !/^\/api\/|[?&]q=/.test(path));
            for (const path of paths) await visit(visitor, path);
            await visitor.page.goto(`${shop.relay.url}/deliveries`);
            expect(await visitor.page.textContent("#list")).toContain(SIGN);
            await visitor.page.goto(`${shop.relay.url}/deliveries/${ids.deliveries[0]!}`);
            expect(await visitor.page.textContent("main")).toContain(SIGN);
          }),
        );
      }),
      { numRuns: RUNS, endOnFailure: true, ...SEED },
    );
    for (const { context } of visits) await context.close();
  });
});
