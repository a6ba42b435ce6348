import type { AssetAddresses } from "./assets.ts";
import { html, raw, type Html, type Part } from "./html.ts";
import type { Role } from "../sessions.ts";
import { publicPath } from "../public-path.ts";
import type { Tone } from "../../answers/verdict.ts";

export interface PageFrame {
  title: string;
  /** Null: nobody is signed in. */
  role: Role | null;
  /** The address of the current section, for the navigation. */
  section?: string;
  /** The stream that the page script follows, such as `/live`; null or none: nothing here changes by itself. */
  live?: string | null;
  /** Seconds after which the page asks for itself again, where it has no stream or no script to follow it. */
  refreshS?: number | null;
  /** False: the ledger cannot store now, which bears on whatever a page tells. Nobody has looked: true. */
  isReady?: boolean;
  body: Html;
}

const SECTIONS = [
  { path: "/", name: "Now" },
  { path: "/deliveries", name: "Deliveries" },
  { path: "/webhooks", name: "Webhooks" },
  { path: "/stores-and-printers", name: "Stores & printers" },
] as const;

/**
 * A whole page.
 * @param public_url of the relay: where it has a path, all addresses in the page get it
 */
export function pageOf(
  frame: PageFrame,
  { assets, public_url }: { assets: AssetAddresses; public_url: string },
): string {
  const { title, role, section, live, isReady = true, body } = frame;
  const page = html`${raw("<!doctype html>")}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${refresh(frame)}
        <title>${title} · Cancellation relay</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets.style}" />
        <script src="${assets.script}" defer></script>
      </head>
      <body ${live !== undefined && live !== null && html`data-live="${live}"`}>
        <a class="skip" href="#main">To the content</a>
        ${role !== null && header(section)}
        <main id="main">
          ${role !== null && html`<div id="unready" data-live>${!isReady && UNREADY}</div>`} ${body}
        </main>
        ${role !== null && footer(role)}
      </body>
    </html> `.text;
  return withPath(page, publicPath(public_url));
}

/** No alert can stand in a ledger that takes none. */
const UNREADY = html`<p class="warning" role="alert">
  The relay's ledger cannot store now. Until it can, webhooks are refused (stores send them again), no slip
  goes out, and what you press is not done. <b>Tell the kitchen by hand what cannot wait</b>;
  <code>relay doctor</code> says what is wrong.
</p>`;

/** Pages name their own addresses from the root. No text of others looks like it: its quotes are escaped. */
const OWN_ADDRESS = / (href|src|action|formaction|data-live)="(?=\/(?!\/))/g;

function withPath(page: string, path: string): string {
  return path === "" ? page : page.replace(OWN_ADDRESS, (attribute) => attribute + path);
}

function refresh({ live, refreshS }: PageFrame): Html | null {
  if (refreshS === undefined || refreshS === null) return null;
  const tag = html`<meta http-equiv="refresh" content="${refreshS}" />`;
  return live === undefined || live === null ? tag : html`<noscript>${tag}</noscript>`;
}

function header(section: string | undefined): Html {
  const links = SECTIONS.map(
    ({ path, name }) => html`<a href="${path}" ${path === section && raw('aria-current="page"')}>${name}</a>`,
  );
  return html`<header class="top">
    <nav aria-label="Sections">${links}</nav>
    <span id="live" class="live" role="status" hidden></span>
  </header>`;
}

function footer(role: Role): Html {
  return html`<footer class="foot">
    <span class="muted">Signed in as ${role === "admin" ? "admin" : "viewer: reading only"}</span>
    <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
  </footer>`;
}

export function badge(tone: Tone, word: string): Html {
  return html`<span class="badge ${tone}">${word}</span>`;
}

/** Name and value pairs; a missing value leaves its pair out. */
export function factList(facts: readonly (readonly [string, Part])[]): Html {
  const present = facts.filter(
    ([, value]) => value !== null && value !== undefined && value !== false && value !== "",
  );
  return html`<dl class="facts">
    ${present.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** What swaps the letters that are read, or is no letter at all; but not the ends of lines and cells. */
const HIDDEN_SIGNS =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** As JSON writes them, so that JSON stays what it says. */
function withSignsShown(text: string): string {
  return text.replace(HIDDEN_SIGNS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Text as it is, scrolled in its own box, with signs that would deceive its reader written out. The tag's own line
 * break would be the text's first.
 * @param label what it is, for who cannot see where it stands
 * @param id where the page script finds it, to copy it or to leave it where it was scrolled to
 */
export function codeBlock(text: string, label: string, id?: string): Html {
  return html`<pre tabindex="0" role="group" aria-label="${label}" ${id !== undefined && html`id="${id}"`}>
${withSignsShown(text)}</pre>`;
}

/** Copies the text of the element with this id; without the script there is no button, and the text can be selected. */
export function copyButton(id: string, label = "Copy"): Html {
  return html`<button type="button" class="copy" data-copy="#${id}" hidden>${label}</button>`;
}
