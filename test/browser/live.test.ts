import { join } from "node:path";
import Database from "better-sqlite3";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { openShop, type Shop } from "../e2e/shop.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { signIn } from "./set-up.ts";

describe.runIf(CHROMIUM !== null)("an open page, in Chromium", () => {
  let shop: Shop;
  let browser: Browser;
  beforeAll(async () => {
    shop = await openShop({ confirm_after_ms: 5 });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await shop.close();
  });

  async function signedIn(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(shop.relay.url);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/`);
    return page;
  }

  test("shows a cancellation that comes while somebody looks, and keeps what they type", async () => {
    const page = await signedIn();
    await page.waitForSelector("#live:has-text('Live')");
    await page.fill("input[name=q]", "half a wor");
    await shop.cancel("shopline", "L-1");
    await page.waitForSelector("#latest a:has-text('#L-1')");
    await page.waitForSelector("#latest a:has-text('#L-1') .badge:has-text('printed')");
    expect(await page.inputValue("input[name=q]")).toBe("half a wor");
    expect(await page.evaluate("document.activeElement.name")).toBe("q");
  });

  test("bug: the pages of stores and printers stood still: they tell of the first webhook when it comes", async () => {
    const [store, list, printer] = [await signedIn(), await signedIn(), await signedIn()];
    await store.goto(`${shop.relay.url}/stores/bakery?done=added`);
    await list.goto(`${shop.relay.url}/stores-and-printers`);
    await printer.goto(`${shop.relay.url}/printers/kitchen`);
    for (const page of [store, list, printer]) await page.waitForSelector("#live:has-text('Live')");
    expect(await store.textContent("#state")).toContain("never");
    await list.focus("#store-bakery .copy");
    await shop.cancel("shoplazza", "L-10");
    await store.waitForSelector("#state a:has-text('s ago')");
    expect(await store.textContent(".notice")).toContain("Added.");
    await list.waitForSelector("#store-bakery .facts:has-text('s ago')");
    expect(await list.evaluate("document.activeElement.dataset.copy")).toBe("#address-bakery");
    expect(await list.locator("#store-bakery .copy").isVisible()).toBe(true);
    await printer.waitForSelector("#state a:has-text('#L-10')");
  });

  test("leaves open what was opened, and the keyboard where it was", async () => {
    await shop.cancel("shopline", "L-2");
    const page = await signedIn();
    await page.click("#latest a:has-text('#L-2')");
    await page.waitForSelector("#live:has-text('Live')");
    await page.waitForSelector("#answer:has-text('Printed')");
    await page.focus("[id^=attempt-send-1] > summary");
    await page.keyboard.press("Enter");
    await page.fill("input[name=reason]", "half a reas");
    await page.focus("[id^=attempt-send-1] > summary");
    const before = await page.textContent("#happened");
    const printed = shop.cloud.slips.find(({ order_id }) => order_id === "L-2");
    // The printer calls back once more: the page gains a line.
    await fetch(`${printed!.callback_url}?a=sim&o=L-2&ak=Accepted&m=AGAIN`);
    await page.waitForSelector("#happened:has-text('AGAIN')");
    expect(await page.textContent("#happened")).not.toBe(before);
    expect(await page.locator("details[id^=attempt-send-1]").getAttribute("open")).toBe("");
    expect(await page.evaluate("document.activeElement.localName")).toBe("summary");
    expect(await page.inputValue("input[name=reason]")).toBe("half a reas");
  });

  test("says aloud that something needs a person now", async () => {
    const page = await signedIn();
    await page.waitForSelector("#live:has-text('Live')");
    expect(await page.textContent("#heard[role=status]")).toBe("");
    shop.cloud.script([{ fault: "failure", msg: "no paper" }]);
    await shop.cancel("shopline", "L-4");
    await page.waitForSelector("#heard:has-text('(1) Now')");
  });

  test("bug: the slip on an open page stayed the one before when another went out", async () => {
    shop.cloud.script([{ fault: "failure", msg: "no paper" }]);
    await shop.cancel("shopline", "L-9");
    const page = await signedIn();
    await page.click("#latest a:has-text('#L-9'):has-text('dead')");
    await page.waitForSelector("#live:has-text('Live')");
    const isDrawn = (): Promise<boolean> => page.evaluate("document.querySelector('.paper img').complete");
    await expect.poll(isDrawn).toBe(true);
    const anew = page.waitForRequest(/\/slip\.svg/);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.click("button:has-text('Redrive')");
    expect((await (await anew).response())?.status()).toBe(200);
  });

  test("keeps what is read where it is when something comes above it", async () => {
    for (const order of ["L-5", "L-6", "L-7"]) await shop.cancel("shopline", order);
    const page = await signedIn({ viewport: { width: 390, height: 500 } });
    await page.goto(`${shop.relay.url}/deliveries`);
    await page.waitForSelector("#live:has-text('Live')");
    await page.waitForSelector("#list a:has-text('#L-7') .badge:has-text('printed')");
    await page.focus("#list a:has-text('#L-5')");
    await page.evaluate("scrollTo(0, 400)");
    const top = "Math.round(document.activeElement.getBoundingClientRect().top)";
    const before = await page.evaluate<number>(top);
    await shop.cancel("shopline", "L-8");
    await page.waitForSelector("#list a:has-text('#L-8') .badge:has-text('printed')");
    expect(await page.textContent(":focus")).toContain("#L-5");
    expect(Math.abs((await page.evaluate<number>(top)) - before)).toBeLessThanOrEqual(1);
  });

  test("copies a line for the terminal, with the secrets masked", async () => {
    const page = await signedIn({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.click("#latest a:has-text('#L-2')");
    await page.click("#curl > summary");
    await page.click("button:has-text('Copy as curl')");
    await page.waitForSelector("button:has-text('Copied')");
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toContain(`curl -sS -X POST '${shop.env.GOODCOM_URL!}/v1/api/cancelorder' \\\n`);
    expect(copied).toContain(`"order_id":"L-2"`);
    expect(copied).not.toMatch(/MARKED-/);
  });

  test("bug: the page Now stayed green and live while the ledger could store nothing", async () => {
    const page = await signedIn();
    await page.waitForSelector("#live:has-text('Live')");
    const other = new Database(join(shop.folder, "relay.db"));
    other.exec("BEGIN IMMEDIATE");
    try {
      await until(async () => {
        expect((await shop.cancel("shopline", "L-11")).status).toBe(503);
        return (await page.locator("#unready:has-text('cannot store now')").count()) > 0;
      });
      expect(await page.title()).toMatch(/^\(\d+\) Now/);
      expect(await page.textContent("#now")).not.toContain("Nothing needs a person");
    } finally {
      other.exec("ROLLBACK");
      other.close();
    }
    await until(async () => (await shop.cancel("shopline", "L-11")).status === 200);
    await page.waitForSelector("#latest a:has-text('#L-11') .badge:has-text('printed')");
    expect(await page.locator("#unready p").count()).toBe(0);
  });

  test("says so when the relay has gone, and follows it again when it is back", async () => {
    const page = await signedIn();
    await page.waitForSelector("#live:has-text('Live')");
    await shop.relay.stop("SIGKILL");
    await page.waitForSelector("#live:has-text('Not live: what you see may be old')");
    await shop.open();
    await page.waitForSelector("#live.live:not(.lost)", { timeout: 20_000 });
    await shop.cancel("shopline", "L-3");
    await page.waitForSelector("#latest a:has-text('#L-3')");
  });

  test("bug: a page whose session had ended while it was away stayed as it was: it leads to the sign-in", async () => {
    const page = await signedIn();
    await page.clock.install();
    await page.goto(`${shop.relay.url}/deliveries?q=L-3`);
    await page.waitForSelector("#live:has-text('Live')");
    await page.context().clearCookies();
    await shop.relay.stop("SIGKILL");
    await shop.open();
    // The browser comes back to the stream by itself, and is not let in.
    await page.waitForResponse((answer) => answer.url().endsWith("/live") && answer.status() === 401);
    await page.clock.fastForward(40_000);
    await page.waitForURL(/\/sign-in\?next=/);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/deliveries?q=L-3`);
  });

  test("reads without JavaScript", async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    expect(await page.textContent("main")).toContain("#L-2");
    expect(await page.locator("button[data-copy]:visible").count()).toBe(0);
    await page.fill("input[name=q]", "L-2");
    await page.click("button:has-text('Find')");
    await page.click("a:has-text('#L-2')");
    expect(await page.textContent("main")).toContain("Printed");
    await page.fill("input[name=reason]", "no script");
    await page.click("button:has-text('Reprint')");
    expect(await page.textContent("main")).toContain("A second slip is on its way");
  });
});
