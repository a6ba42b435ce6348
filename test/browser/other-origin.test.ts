import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createBench } from "../http/fakes.ts";
import { applicationOf } from "../http/routes.ts";
import { until } from "../e2e/process.ts";
import { openShop, type Shop } from "../e2e/shop.ts";
import { CHROMIUM, CHROMIUM_ARGS } from "./chromium.ts";
import { signIn } from "./set-up.ts";

// A page of somebody else's, in a browser that is signed in: on another port (one site with the relay to a browser,
// so that its cookie is sent along) and under another name (another site).
const { routes } = applicationOf(createBench());
const isOfToken = (path: string): boolean => path.startsWith("/callbacks/");
const POSTS = routes.filter(({ method, path }) => method === "POST" && !isOfToken(path));
const GETS = routes.filter(({ method, path }) => method === "GET" && !isOfToken(path));

describe.runIf(CHROMIUM !== null)("somebody else's page in Chromium", { timeout: 120_000 }, () => {
  let shop: Shop;
  let browser: Browser;
  let stranger: Server;
  let delivery: string;
  /** What the stranger's server answers, at any address. */
  let text = "";
  beforeAll(async () => {
    shop = await openShop({ confirm_after_ms: 5 });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: CHROMIUM_ARGS });
    stranger = createServer((_req, res) =>
      res.setHeader("Content-Type", "text/html; charset=utf-8").end(text),
    );
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    await shop.cancel("shopline", "1001");
    [{ id: delivery }] = (await until(async () => (await printed()).length === 1 && printed())) as [
      { id: string },
    ];
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    stranger.close();
    await shop.close();
  });

  async function printed(): Promise<{ id: string }[]> {
    return ((await shop.api("/deliveries?state=printed")).body as { items: { id: string }[] }).items;
  }

  let context: BrowserContext;
  let page: Page;
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(shop.relay.url);
    await signIn(page);
    await page.waitForURL(`${shop.relay.url}/`);
  });
  afterEach(() => context.close());

  /** With the real id in place of the sample of test/http. */
  const real = (path: string): string => shop.relay.url + path.replace("DL1", delivery);

  async function openTheirs(host: string, content: string): Promise<void> {
    text = `<!doctype html><title>theirs</title>${content}`;
    await page.goto(`http://${host}:${(stranger.address() as AddressInfo).port}/`);
  }

  /** All that an act could have left. */
  async function state(): Promise<unknown> {
    const settings = [(await shop.api("/stores")).body, (await shop.api("/printers")).body];
    const rows = ((await shop.api("/deliveries")).body as { items: object[] }).items;
    const [{ history }] = [(await shop.api(`/deliveries/${delivery}`)).body];
    return { settings, rows, history, slips: shop.cloud.slips.length };
  }

  describe.each(["127.0.0.1", "localhost"])("at %s", (host) => {
    test("its forms and scripts act nowhere, whatever they send, though this browser is signed in", async () => {
      const before = await state();
      const answers: [string, number][] = [];
      const asked: string[] = [];
      page.on("request", (request) => request.method() === "POST" && asked.push(request.url()));
      page.on("response", (answer) => {
        if (answer.request().method() === "POST") answers.push([answer.url(), answer.status()]);
      });
      const fields =
        "reason=lost&step=cancel&order_id=1001&confirm=noodle-bar&token=x&name=evil&api_key=evil";
      const inputs = [...new URLSearchParams(fields)].map(
        ([name, value]) => `<input name="${name}" value="${value}">`,
      );
      const forms = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].flatMap(
        (type) =>
          POSTS.map(
            ({ path }, at) =>
              `<iframe name="f${at}${type}"></iframe><form method=post enctype="${type}" target="f${at}${type}" action="${real(path)}">${inputs.join("")}</form>`,
          ),
      );
      await openTheirs(host, forms.join(""));
      await page.evaluate("for (const form of document.forms) HTMLFormElement.prototype.submit.call(form)");
      await until(() => answers.length >= forms.length);
      await page.evaluate(
        `Promise.all(${JSON.stringify(POSTS.map(({ path }) => real(path)))}.flatMap((url) =>
          ["", "{}", "reason=lost"].map((body) =>
            fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body,
              headers: { "Content-Type": "text/plain" } }).catch(() => null))))`,
      );
      expect(asked.length).toBe(forms.length + POSTS.length * 3);
      const acted = answers.filter(([, status]) => status < 400 && status !== 303);
      expect(acted).toEqual([]);
      expect(await state()).toEqual(before);
      // Its sign-out did not sign out either.
      await page.goto(`${shop.relay.url}/deliveries`);
      expect(await page.textContent("main")).toContain("#1001");
    });

    test("nothing of ours renders in its frames, and it reads, shows and runs nothing of ours", async () => {
      const addresses = GETS.filter(({ path }) => path !== "/live").map(({ path }) => real(path));
      await openTheirs(host, addresses.map((url) => `<iframe src="${url}"></iframe>`).join(""));
      await page.waitForLoadState("load");
      const shown = page
        .frames()
        .filter((frame) => frame !== page.mainFrame() && frame.url().startsWith(shop.relay.url));
      const bodies = await Promise.all(
        shown.map(async (frame) => [frame.url(), await frame.evaluate("document.body?.innerText")]),
      );
      expect(bodies).toEqual([]);
      expect(page.frames().length).toBe(addresses.length + 1);

      const read = await page.evaluate(
        `Promise.all(${JSON.stringify([...addresses, `${shop.relay.url}/live`])}.map((url) =>
          fetch(url, { credentials: "include" }).then((answer) => url + " " + answer.status, () => null)))`,
      );
      expect((read as unknown[]).filter((one) => one !== null)).toEqual([]);
      const picture = real("/api/v1/deliveries/DL1/slip.svg");
      const loads = await page.evaluate(
        `Promise.all([
          new Promise((done) => { const img = new Image(); img.onload = () => done("drawn"); img.onerror = () => done(null); img.src = ${JSON.stringify(picture)}; }),
          ...${JSON.stringify([real("/api/v1/deliveries"), real("/assets/app.js"), real("/")])}.map((src) => new Promise((done) => {
            const script = document.createElement("script"); script.src = src;
            script.onload = () => done(src); script.onerror = () => done(null); document.body.append(script); })),
          new Promise((done) => { const stream = new EventSource(${JSON.stringify(`${shop.relay.url}/live`)}, { withCredentials: true });
            stream.onopen = () => done("followed"); stream.onerror = () => done(null); }),
        ])`,
      );
      expect(loads).toEqual([null, null, null, null, null]);
    });

    test("a window of ours that it opened is out of its hands", async () => {
      await openTheirs(host, `<button onclick="w = open('${shop.relay.url}/deliveries')">x</button>`);
      await page.click("button");
      // To who opened it, it is closed: the two share nothing (Cross-Origin-Opener-Policy).
      await until(() => page.evaluate<boolean>("w.closed"));
    });
  });

  test("the same frame on our own page would not render either", async () => {
    await page.goto(`${shop.relay.url}/deliveries`);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement("iframe"), { src: "/webhooks" }))`,
    );
    await until(() => page.frames().length === 2);
    await page.waitForLoadState("networkidle");
    expect(page.frames()[1]?.url()).not.toContain("/webhooks");
  });
});
