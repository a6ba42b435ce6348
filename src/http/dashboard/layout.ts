import { html, raw, type Html, type Part } from "./html.ts";
import type { Role } from "../gatekeeper.ts";
import type { Tone } from "./words.ts";

export interface PageFrame {
  title: string;
  /** Null: nobody is signed in. */
  role: Role | null;
  /** The address of the current section, for the navigation. */
  section?: string;
  /** Seconds after which the page asks for itself again; only where nobody types. */
  refreshS?: number | null;
  body: Html;
}

const SECTIONS = [
  { path: "/", name: "Deliveries" },
  { path: "/webhooks", name: "Webhooks" },
  { path: "/stores-and-printers", name: "Stores and printers" },
] as const;

/** A whole page. `styleAddress` names the style sheet by its content, so that browsers may keep it. */
export function pageOf(frame: PageFrame, styleAddress: string): string {
  const { title, role, section, refreshS, body } = frame;
  return html`${raw("<!doctype html>")}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${
          refreshS !== undefined &&
          refreshS !== null &&
          html`<meta http-equiv="refresh" content="${refreshS}" />`
        }
        <title>${title} · Cancellation relay</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${styleAddress}" />
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        ${role !== null && header(section)}
        <main id="main">${body}</main>
        ${role !== null && footer(role)}
      </body>
    </html> `.text;
}

function header(section: string | undefined): Html {
  const links = SECTIONS.map(
    ({ path, name }) => html`<a href="${path}" ${path === section && raw('aria-current="page"')}>${name}</a>`,
  );
  return html`<header class="top"><nav aria-label="Sections">${links}</nav></header>`;
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

/** Text as it is, scrolled in its own box. The tag's own line break would be the text's first. */
export function codeBlock(text: string): Html {
  return html`<pre tabindex="0">${text}</pre>`;
}
