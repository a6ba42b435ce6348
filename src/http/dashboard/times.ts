import { agoText, clockText, type Viewpoint } from "../../answers/moments.ts";
import { toRfc3339, type UnixMs } from "../../core/time.ts";
import { html, type Html } from "./html.ts";

export function clockTime(at: UnixMs, viewpoint: Viewpoint): Html {
  return html`<time datetime="${toRfc3339(at)}">${clockText(at, viewpoint)}</time>`;
}

export function agoTime(at: UnixMs, viewpoint: Viewpoint): Html {
  return html`<time datetime="${toRfc3339(at)}">${agoText(at, viewpoint)}</time>`;
}
