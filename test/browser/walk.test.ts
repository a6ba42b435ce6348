import { chromium, type Browser, type Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { systemClock } from "../../src/system.ts";
import { until, type RunningRelay } from "../e2e/process.ts";
import { createReceiver, type Receiver } from "../observe/alerts/receiver.ts";
import { violationsOn } from "./axe.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { openEmptyRelay, overflowOf, signIn, type EmptyRelay } from "./set-up.ts";

const API_KEY = "walk-api-key";
const SECRET = "walk-app-secret";
const WALK_MS_MAX = 120_000;

/** The first day of a relay, by hand: from an empty ledger over an outage to a second slip. */
describe.runIf(CHROMIUM !== null)("a walk in Chromium", { timeout: WALK_MS_MAX }, () => {
  let empty: EmptyRelay;
  let cloud: GoodcomSimulator;
  let alerts: Receiver;
  let relay: RunningRelay;
  let browser: Browser;
  beforeEach(async () => {
    alerts = await createReceiver();
    empty = await openEmptyRelay(API_KEY, { RELAY_ALERT_URL: alerts.url, RELAY_ALERT_FORMAT: "slack" });
    ({ cloud, relay } = empty);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
  });
  afterEach(async () => {
    await browser.close();
    await empty.close();
    await alerts.close();
  });

  async function cancel(order: string): Promise<void> {
    const sample = sampleWebhook("shopline", {
      now: systemClock.now(),
      store: "noodle-bar",
      secret: SECRET,
      order_id: order,
      order_name: `#${order}`,
    });
    const { headers, body } = sample;
    const answer = await fetch(relay.url + sample.path, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
  }

  /** No page may be too wide, or wrong for who hears it rather than sees it. */
  async function lookAt(page: Page): Promise<void> {
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await violationsOn(page)).toEqual([]);
  }

  async function setUp(page: Page): Promise<void> {
    await page.click("main a:has-text('Add a printer')");
    await page.getByLabel("Name", { exact: true }).fill("kitchen");
    await page.getByLabel("API key", { exact: true }).fill(API_KEY);
    await lookAt(page);
    await page.click("button:has-text('Add the printer')");
    await page.waitForURL("**/printers/kitchen?done=added");
    await lookAt(page);
    await page.click("main a:has-text('Add a store')");
    await page.click("main a:has-text('SHOPLINE')");
    await page.getByLabel("Name", { exact: true }).fill("noodle-bar");
    await page.getByLabel("App secret", { exact: true }).fill(SECRET);
    await page.click("button:has-text('Add the store')");
    await page.waitForURL("**/stores/noodle-bar?done=added");
    await lookAt(page);
    await page.click("button.copy");
    await page.waitForSelector("button:has-text('Copied')");
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toBe(`${relay.url}/webhooks/shopline/noodle-bar`);
    await page.click("button:has-text('Send a test')");
    await page.waitForURL("**/deliveries/**");
    await page.waitForSelector("#answer:has-text('Printed')");
    expect(cloud.slips[0]?.order_txt).toContain("TEST");
    await lookAt(page);
  }

  test.each([
    [1280, "light"],
    [390, "dark"],
  ] as const)("the first day, at %i px, %s", async (width, colorScheme) => {
    const context = await browser.newContext({
      viewport: { width, height: 844 },
      colorScheme,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(relay.url);
    await lookAt(page);
    await signIn(page);
    await page.waitForURL(`${relay.url}/`);
    await lookAt(page);
    await setUp(page);

    // The cloud refuses one for good: the open page tells it, and so does the alert, with the reason.
    await page.goto(`${relay.url}/`);
    await page.waitForSelector(".status:has-text('Nothing needs a person')");
    cloud.script([{ fault: "failure", msg: "sign error" }]);
    await cancel("1001");
    await page.waitForSelector(".urgent:has-text('1 thing needs a person')");
    await alerts.until(1);
    expect(alerts.received[0]?.text).toMatch(/1001[^]*sign error/);
    await lookAt(page);
    await page.click(".urgent a:has-text('#1001')");
    await page.waitForSelector("#answer:has-text('Did not print')");
    expect(await page.textContent("#answer")).toContain("sign error");
    await lookAt(page);
    await page.click("button:has-text('Redrive')");
    await page.waitForSelector("#answer:has-text('Printed')");

    // It goes away altogether, three are cancelled meanwhile, and it comes back.
    await cloud.setFault("refuse");
    for (const order of ["2001", "2002", "2003"]) await cancel(order);
    await page.goto(`${relay.url}/`);
    await page.waitForSelector(".urgent:has-text('The printer cloud does not take orders')");
    await cloud.setFault(null);
    await page.waitForSelector("#latest a:has-text('#2003') .badge:has-text('printed')");
    await page.waitForSelector(".status:has-text('Nothing needs a person')", { timeout: 90_000 });
    for (const order of ["2001", "2002", "2003"])
      expect(cloud.slips.filter(({ order_id }) => order_id === order)).toHaveLength(1);

    // "Did 2002 print?" It did; the slip fell into the soup.
    await page.fill("input[name=q]", "2002");
    await page.keyboard.press("Enter");
    await page.click("#list a:has-text('#2002')");
    await page.fill("input[name=reason]", "the slip fell into the soup");
    await page.dblclick("button:has-text('Reprint')");
    await page.waitForSelector("#answer:has-text('Printed')");
    await until(() => cloud.slips.some(({ order_txt }) => order_txt.includes("REPRINT 1")));
    expect(cloud.slips.filter(({ order_id }) => order_id === "2002")).toHaveLength(2);
    await lookAt(page);
    for (const path of ["/deliveries", "/webhooks", "/stores-and-printers"]) {
      await page.goto(relay.url + path);
      await lookAt(page);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });
});
