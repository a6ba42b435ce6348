import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { ticketOf, type Ticket } from "../../src/core/ticket.ts";
import { fastpodWebhook } from "../../src/platforms/fastpod/webhook.ts";
import { shoplazza } from "../../src/platforms/shoplazza/webhook.ts";
import { shopline } from "../../src/platforms/shopline/webhook.ts";
import { aStore } from "../platforms/a-store.ts";
import { CANCELLED_AT } from "./tickets.ts";

/** Every order of test/fixtures as its platform reads it, so that a slip shows what a store's own example becomes. */
const FOLDER = join(import.meta.dirname, "../fixtures");
const READERS = { shopline, shoplazza, fastpod: fastpodWebhook };

/** @returns name of the file without `.json` → its ticket */
export function fixtureTickets(): Map<string, Ticket> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json") && !file.includes("_redact."));
  return new Map(files.map((file) => [file.replace(/\.json$/, ""), fixtureTicket(file)]));
}

function fixtureTicket(file: string): Ticket {
  const platform = PLATFORM_NAMES.find((name) => file.startsWith(`${name}.`));
  if (platform === undefined) throw new Error(`${file}: no platform in its name`);
  const store = aStore({ name: "demo", platform, currency: platform === "fastpod" ? "USD" : null });
  const reading = READERS[platform].read(readFileSync(join(FOLDER, file)), store);
  if (reading.kind !== "cancellation") throw new Error(`${file} is ${reading.kind}: ${reading.reason}`);
  return ticketOf(reading.cancellation, store, CANCELLED_AT);
}
