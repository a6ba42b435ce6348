import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until, type RunningRelay } from "../e2e/process.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { openEmptyRelay, overflowOf, signIn, type EmptyRelay } from "./set-up.ts";

const API_KEY = "MARKED-api-key";

describe.runIf(CHROMIUM !== null)("setting up in Chromium, from an empty ledger", { timeout: 60_000 }, () => {
  let empty: EmptyRelay;
  let relay: RunningRelay;
  let browser: Browser;
  beforeAll(async () => {
    empty = await openEmptyRelay(API_KEY);
    ({ relay } = empty);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await empty.close();
  });

  test("printer, store, secret, test on paper, without JavaScript and on a phone", async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    await page.goto(`${relay.url}/stores-and-printers`);
    await signIn(page);

    await page.click("main a:has-text('Add a printer')");
    await page.getByLabel("Name", { exact: true }).fill("Kitchen");
    await page.click("button:has-text('Add the printer')");
    expect(await page.getByRole("alert").textContent()).toContain("API key: is empty");
    await page.getByLabel("Name", { exact: true }).fill("kitchen");
    await page.getByLabel("API key", { exact: true }).fill(API_KEY);
    await page.click("button:has-text('Add the printer')");
    await page.waitForURL(`${relay.url}/printers/kitchen?done=added`);

    await page.click("main a:has-text('Add a store')");
    await page.click("main a:has-text('SHOPLINE')");
    await page.getByLabel("Name", { exact: true }).fill("noodle-bar");
    await page.getByLabel("App secret", { exact: true }).fill("MARKED-app-secret");
    await page.click("button:has-text('Add the store')");
    await page.waitForURL(`${relay.url}/stores/noodle-bar?done=added`);
    expect(await page.textContent("#webhook-address")).toBe(`${relay.url}/webhooks/shopline/noodle-bar`);
    expect(await page.locator("button.copy").isVisible()).toBe(false);

    await page.click("button:has-text('Send a test')");
    await page.waitForURL(`${relay.url}/deliveries/**`);
    const slip = await until(
      () => empty.cloud.slips.find(({ order_id }) => order_id.startsWith("TEST-")) ?? null,
    );
    expect(slip.order_txt.split("\n")[1]).toContain("TEST: NOT A REAL ORDER");
    await until(async () => {
      await page.reload();
      return (await page.textContent("main"))?.includes("Confirmed at") ?? false;
    });
    expect(relay.output()).toContain('"event":"store.tested"');
    expect(relay.output()).not.toContain("MARKED");
    await context.close();
  });

  test("rotating, and two people at once, fit both widths", async () => {
    for (const width of [390, 1280]) {
      const context = await browser.newContext({ viewport: { width, height: 844 } });
      const page = await context.newPage();
      await page.goto(`${relay.url}/stores/noodle-bar/edit`);
      await signIn(page);
      await page.waitForURL("**/stores/noodle-bar/edit");
      const other = await context.newPage();
      await other.goto(`${relay.url}/stores/noodle-bar/rotate`);
      await other.getByLabel("New App secret").fill(`MARKED-rotated-${String(width)}`);
      await other.click("button:has-text('Save')");
      await other.waitForURL("**/stores/noodle-bar?done=rotated");
      expect(await other.textContent("main")).toMatch(/valid; one until /);

      await page.click("summary:has-text('More')");
      await page.getByLabel("Shop id").fill(String(width));
      await page.click("button:has-text('Save')");
      expect(await page.getByRole("alert").textContent()).toContain("somebody else saved meanwhile");
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await page.click("button:has-text('Save')");
      await page.waitForURL("**/stores/noodle-bar?done=saved");
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await context.close();
    }
    expect(relay.output()).toContain('"event":"settings.changed"');
    expect(relay.output()).not.toContain("MARKED");
  });
});
