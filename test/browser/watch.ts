import type { BrowserContext, Page } from "playwright-core";

/** What a page did that none of ours does. Empty: nothing. */
export interface Watch {
  seen: string[];
  /** What of a stranger's markup became an element; and every element, attribute or address that no page of ours has. */
  strangersIn(page: Page): Promise<string[]>;
}

/** In the page before any of its own script. */
const LISTEN = `
  for (const name of ["canary", "alert", "confirm", "prompt"]) window[name] = (what) => told("ran: " + name + " " + what);
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    told("against the policy: " + violatedDirective + " " + blockedURI));
`;

const OURS = `[...document.querySelectorAll("*")].flatMap((element) => {
  const { localName, attributes } = element;
  const bad = [];
  // What Chromium itself makes of a text.
  if (localName === "pre" && /^(text\\/plain|application\\/json)$/.test(document.contentType)) return bad;
  if (/^(base|iframe|frame|object|embed|math|style|template|audio|video|foreignobject|animate|use)$/i.test(localName))
    bad.push("<" + localName + ">");
  if (localName === "script" && new URL(element.src, "http://x").pathname !== "/assets/app.js") bad.push("<script>");
  if (localName === "meta" && element.httpEquiv !== "" && element.content !== "5" && element.content !== "0") bad.push("<meta>");
  for (const { name, value } of attributes) {
    if (/^on/i.test(name) || name === "style" || name === "srcdoc" || name === "formaction") bad.push(localName + " " + name);
    if (/^(id|name|class)$/.test(name) && /canary/i.test(value)) bad.push(localName + " " + name + "=" + value);
    if (/^(href|src|action|xlink:href|data)$/i.test(name)) {
      const to = new URL(value, location.href);
      if (to.origin !== location.origin) bad.push(localName + " " + name + "=" + value);
    }
  }
  return bad;
})`;

export async function watched(context: BrowserContext, origin: string): Promise<Watch> {
  const seen: string[] = [];
  await context.exposeFunction("told", (what: string) => void seen.push(what));
  await context.addInitScript(LISTEN);
  context.on("request", (asked) => {
    const url = asked.url();
    if (!url.startsWith(`${origin}/`)) seen.push(`asked elsewhere: ${url.slice(0, 200)}`);
  });
  context.on("dialog", (dialog) => {
    seen.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("weberror", (error) => seen.push(`broken: ${error.error().message}`));
  context.on("page", (page) => {
    page.on("console", (message) => {
      // A problem's page has a problem's status, and Chromium says so; a sandbox is meant to forbid.
      const text = message.text();
      if (message.type() === "error" && !text.startsWith("Failed to load resource: the server responded"))
        seen.push(`complained: ${text.slice(0, 300)}`);
    });
    page.on("popup", () => seen.push("opened a window"));
    page.on("download", () => seen.push("began a download"));
  });
  return { seen, strangersIn: (page) => page.evaluate<string[]>(OURS) };
}
