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

  test("lets nobody in with a wrong token", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(shop.relay.url);
    await page.fill("input[name=token]", "x".repeat(40));
    await page.click("button:has-text('Sign in')");
    expect(await page.textContent("body")).not.toContain("Deliveries");
  });
});
