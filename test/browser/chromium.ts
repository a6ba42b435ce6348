import { existsSync } from "node:fs";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is on this machine; null: nowhere. */
export const CHROMIUM = PATHS.find((path) => existsSync(path)) ?? null;

if (CHROMIUM === null) {
  const missing = "Chromium was not found: the tests in a real browser";
  if (process.env.CI === "true") throw new Error(`${missing} cannot run (apt-get install chromium)`);
  process.stderr.write(`${missing} are skipped\n`);
}

/** Needed as root and in a network that is closed; no test visits anything but loopback. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
