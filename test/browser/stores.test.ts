import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createShoplineSimulator } from "../../src/platforms/shopline/simulator.ts";
import type { StoreSimulator } from "../../src/platforms/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { until, type RunningRelay } from "../e2e/process.ts";
import { violationsOn } from "./axe.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { openEmptyRelay, overflowOf, signIn, type EmptyRelay } from "./set-up.ts";

const API_KEY = "stores-api-key";
const TOKEN = "MARKED-store-api-token";
/** Nobody calls it: the simulated store is told to send nothing. */
const PUBLIC_URL = "https://relay.example";

/** What a store's API is good for, by hand: subscribe, fetch what was missed, cancel an order from here. */
describe.runIf(CHROMIUM !== null)("a store's API in Chromium", { timeout: 120_000 }, () => {
  let empty: EmptyRelay;
  let relay: RunningRelay;
  let browser: Browser;
  let shop: StoreSimulator;
  beforeAll(async () => {
    shop = createShoplineSimulator({ clock: systemClock, token: TOKEN });
    shop.setSendsWebhooks(false);
    empty = await openEmptyRelay(API_KEY, {
      ...{ RELAY_PUBLIC_URL: PUBLIC_URL, RELAY_WATCH_EVERY_S: "0", RELAY_RECONCILE_EVERY_S: "0" },
    });
    ({ relay } = empty);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${relay.url}/add-printer`);
    await signIn(page);
    await page.getByLabel("Name", { exact: true }).fill("kitchen");
    await page.getByLabel("API key", { exact: true }).fill(API_KEY);
    await page.click("button:has-text('Add the printer')");
    await page.goto(`${relay.url}/add-store/shopline`);
    await page.getByLabel("Name", { exact: true }).fill("noodle-bar");
    await page.click("summary:has-text('More')");
    await page.getByLabel("Address of the store's API").fill(await shop.listen());
    await page.getByLabel("Token for the store's API").fill(TOKEN);
    await page.click("button:has-text('Add the store')");
    await page.waitForURL("**/stores/noodle-bar?done=added");
    await page.context().close();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await empty.close();
    await shop.close();
  });

  function put(id: string, name: string): void {
    const items = [{ title: "Beef noodle soup", variant_title: "Large", quantity: 2, price: "12.00" }];
    const money = { currency: "EUR", current_total_price: "24.00" };
    shop.put({
      id,
      name,
      line_items: items,
      ...money,
      created_at: new Date(systemClock.now()).toISOString(),
    });
  }

  /** No page may be too wide, or wrong for who hears it rather than sees it. */
  async function lookAt(page: Page): Promise<void> {
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(await violationsOn(page)).toEqual([]);
  }

  async function openStorePage(options: BrowserContextOptions): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`${relay.url}/stores/noodle-bar`);
    await signIn(page);
    await page.waitForURL("**/stores/noodle-bar");
    return page;
  }

  const widths: [number, "light" | "dark"][] = [
    [390, "dark"],
    [1280, "light"],
  ];

  test.each(widths)(
    "cancelling: a look, the store's refusal, and paper; %d px wide, %s",
    async (width, colorScheme) => {
      const [open, shipped] = [`2105700000000000000000${width}`, `2105799999999999999999${width}`];
      put(open, `#${width}`);
      put(shipped, "#shipped");
      const page = await openStorePage({ viewport: { width, height: 844 }, colorScheme });
      await page.click("a:has-text('Cancel an order')");
      await lookAt(page);
      await page.getByLabel("Order", { exact: true }).fill(shipped);
      await page.getByLabel("Reason").fill("sold out");
      await page.click("button:has-text('Show the order')");
      expect(await page.textContent("main")).toContain("2 x Beef noodle soup (Large)");
      shop.put({ ...shop.order(shipped), id: shipped, fulfillment_status: "shipped" });
      await page.click("button:has-text('Cancel it at the store and print')");
      expect(await page.getByRole("alert").textContent()).toContain("has been shipped");
      await lookAt(page);
      expect(await page.getByLabel("Reason").inputValue()).toBe("sold out");

      await page.getByLabel("Order", { exact: true }).fill(open);
      await page.click("button:has-text('Show the order')");
      expect(await page.textContent("h1")).toBe(`Cancel order #${width}?`);
      expect(await page.textContent("main")).toContain("24.00 EUR");
      await lookAt(page);
      await page.click("button:has-text('Cancel it at the store and print')");
      await page.waitForURL("**/deliveries/*?done=cancelled");
      expect(shop.order(open)).toMatchObject({ cancel_reason: "sold out" });
      expect(await page.textContent(".way")).toContain("Cancelled here");
      await page.waitForSelector("#answer:has-text('Printed')");
      await lookAt(page);
      const slip = empty.cloud.slips.find(({ order_id }) => order_id === open);
      expect(slip?.order_txt).toContain("sold out");
      await page.context().close();
    },
  );

  test("subscribing and fetching what was missed, without JavaScript on a phone", async () => {
    const page = await openStorePage({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    await page.click("button:has-text('Subscribe')");
    await page.waitForURL("**/stores/noodle-bar?done=subscription-created");
    expect(shop.subscriptions().map(({ address }) => address)).toEqual([
      `${PUBLIC_URL}/webhooks/shopline/noodle-bar`,
    ]);
    await page.click("button:has-text('Check the subscription')");
    await page.waitForURL("**/stores/noodle-bar?done=subscription-existing");

    put("21057111111111111111111", "#missed");
    shop.cancel("21057111111111111111111", "changed their mind");
    await page.click("button:has-text('Fetch what was missed')");
    await page.waitForURL("**/stores/noodle-bar?done=fetched-*");
    expect(await page.getByRole("status").textContent()).toContain("1 of ");
    await until(
      () => empty.cloud.slips.find(({ order_id }) => order_id === "21057111111111111111111") ?? null,
    );
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(relay.output()).not.toContain("MARKED");
    await page.context().close();
  });
});
