import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { openShop, type Shop } from "../e2e/shop.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { overflowOf, signIn } from "./set-up.ts";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

describe.runIf(CHROMIUM !== null)("the dashboard in Chromium", () => {
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

  async function signedIn(width: number): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext({ viewport: { width, height: 844 } })).newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(shop.relay.url);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/`);
    return { page, complaints };
  }

  test.each([390, 1280])("answers the operator's question at %i px: find, look, reprint", async (width) => {
    const order = `B-${String(width)}`;
    await shop.cancel("shopline", order);
    await until(() => shop.cloud.slips.find((slip) => slip.order_id === order)?.called_back?.status === 200);
    const { page, complaints } = await signedIn(width);
    await page.fill("input[name=q]", order);
    await page.keyboard.press("Enter");
    await page.click(`a:has-text("#${order}")`);
    expect(await page.textContent("main")).toContain("Printed");
    expect(await page.locator("img[src*='slip.svg']").count()).toBeGreaterThan(0);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);

    await page.fill("input[name=reason]", "the slip fell into the soup");
    await page.click("button:has-text('Reprint')");
    await until(() =>
      shop.cloud.slips.some((slip) => slip.order_id === order && slip.order_txt.includes("REPRINT 1")),
    );
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test("shows a stranger's markup as text", async () => {
    const { page, complaints } = await signedIn(1280);
    await shop.cancelWith({ id: "X-1", name: HOSTILE, cancel_reason: HOSTILE, note: HOSTILE });
    await page.goto(`${shop.relay.url}/deliveries?q=X-1`);
    expect(await page.textContent("main")).toContain("<script>");
    await page.click(`a[href^="/deliveries/"]`);
    await page.waitForLoadState();
    expect(await page.title()).not.toBe("owned");
    expect(complaints).toEqual([]);
  });

  test("on a phone whatever stands alone is as large as a thumb", async () => {
    await shop.cancel("shopline", "T-1");
    const context = await browser.newContext({
      ...{ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    });
    const page = await context.newPage();
    await page.goto(shop.relay.url);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/`);
    const row = await page.locator("#latest a:has-text('#T-1')").getAttribute("href");
    const paths = ["/", "/deliveries", "/deliveries?q=none", row ?? "", "/webhooks"];
    for (const path of [
      ...paths,
      "/stores-and-printers",
      "/stores/noodle-bar",
      "/printers/kitchen",
      "/nope",
    ]) {
      await page.goto(shop.relay.url + path);
      // 44 px, WCAG 2.5.5; a link within a sentence is as high as its line. Half a pixel is lost to rounding.
      const small = await page.evaluate<string[]>(`
        [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden])")]
          .map((one) => ({ one, box: one.getBoundingClientRect() }))
          .filter(({ one, box }) => box.width > 1 && box.right > 0 && getComputedStyle(one).display !== "inline")
          .filter(({ box }) => box.height < 43.5 || box.width < 43.5)
          .map(({ one, box }) => one.outerHTML.slice(0, 80) + " " + box.width + " x " + box.height)`);
      expect([path, small]).toEqual([path, []]);
    }
    await context.close();
  });

  test("a stranger's long words take no more of a list than their share", async () => {
    await shop.cancelWith({
      id: "W-1",
      name: `#W-1 ${"and on ".repeat(30)}`,
      cancel_reason: "R".repeat(500),
    });
    for (const width of [390, 1280]) {
      const { page } = await signedIn(width);
      await page.waitForSelector("#latest a:has-text('#W-1')");
      // Found and measured in one step: a live update puts another row in the place of the one that was found.
      const height = await page.evaluate<number>(`
        [...document.querySelectorAll("#latest a")]
          .find((row) => row.textContent.includes("#W-1"))
          .getBoundingClientRect().height`);
      expect(height).toBeGreaterThan(0);
      // Three lines of name, three of reason, three of what is known, one of where, at most 28 px each, and the edges.
      expect(height).toBeLessThan(310);
    }
  });

  test("lets nobody in with a wrong token", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(shop.relay.url);
    await page.fill("input[name=token]", "x".repeat(40));
    await page.click("button:has-text('Sign in')");
    expect(await page.textContent("body")).not.toContain("Deliveries");
  });
});
