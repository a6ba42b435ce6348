import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Router } from "express";

/** Where the pages' own files are; each address changes with its content, so that browsers may keep it. */
export interface AssetAddresses {
  style: string;
  script: string;
}

/** The style sheet, the page script and the icon: the only files there are. */
export interface Assets {
  routes: Router;
  addresses: AssetAddresses;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#b3261e" d="M5 1h22v30l-3.7-2.5L19.7 31 16 28.5 12.3 31l-3.6-2.5L5 31z"/><path stroke="#fff" stroke-width="3" stroke-linecap="round" d="m11 9 10 10m0-10L11 19"/></svg>`;

/** Sent as one, in this order. */
const STYLE_FILES = ["theme", "lists", "now", "pages", "forms"].map((name) => `style/${name}.css`);
const SCRIPT_FILES = ["script/page.js"];

const CACHE_S = 365 * 24 * 60 * 60;

export function createAssets(): Assets {
  const routes = Router({ caseSensitive: true });
  const serve = (path: string, type: string, content: Buffer): string => {
    routes.get(path, (_req, res) => {
      res.set("Cache-Control", `public, max-age=${CACHE_S}, immutable`).type(type).send(content);
    });
    return `${path}?v=${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
  };
  const addresses = {
    style: serve("/assets/app.css", "css", joined(STYLE_FILES)),
    script: serve("/assets/app.js", "js", joined(SCRIPT_FILES)),
  };
  routes.get("/assets/icon.svg", (_req, res) => {
    res.set("Cache-Control", `public, max-age=${CACHE_S}`).type("svg").send(ICON);
  });
  return { routes, addresses };
}

function joined(files: readonly string[]): Buffer {
  return Buffer.concat(files.map((file) => readFileSync(new URL(file, import.meta.url))));
}
