import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Router } from "express";

/** The style sheet and the icon: the only files there are. */
export interface Assets {
  routes: Router;
  /** Changes with the content. */
  styleAddress: string;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#b3261e" d="M5 1h22v30l-3.7-2.5L19.7 31 16 28.5 12.3 31l-3.6-2.5L5 31z"/><path stroke="#fff" stroke-width="3" stroke-linecap="round" d="m11 9 10 10m0-10L11 19"/></svg>`;

/** Sent as one, in this order. */
const STYLE_FILES = ["style/theme.css", "style/lists.css", "style/pages.css", "style/forms.css"];

const CACHE_S = 365 * 24 * 60 * 60;

export function createAssets(): Assets {
  const style = Buffer.concat(STYLE_FILES.map((file) => readFileSync(new URL(file, import.meta.url))));
  const version = createHash("sha256").update(style).digest("hex").slice(0, 12);
  const routes = Router({ caseSensitive: true });
  routes.get("/assets/app.css", (_req, res) => {
    res.set("Cache-Control", `public, max-age=${CACHE_S}, immutable`).type("css").send(style);
  });
  routes.get("/assets/icon.svg", (_req, res) => {
    res.set("Cache-Control", `public, max-age=${CACHE_S}`).type("svg").send(ICON);
  });
  return { routes, styleAddress: `/assets/app.css?v=${version}` };
}
