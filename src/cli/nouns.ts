import type { Command } from "commander";
import type { Cli } from "./cli.ts";

/** Adds one command, with its subcommands, to the command line. */
export type AddNoun = (program: Command, cli: Cli) => void;

/** By the first word, in the order of the help. */
const NOUNS: ReadonlyMap<string, () => Promise<AddNoun>> = new Map([
  ["serve", async () => (await import("./serve.ts")).addServe],
  ["demo", async () => (await import("./demo.ts")).addDemo],
  ["apply", async () => (await import("./apply.ts")).addApply],
  ["config", async () => (await import("./config.ts")).addConfig],
  ["doctor", async () => (await import("./doctor.ts")).addDoctor],
  ["stores", async () => (await import("./stores.ts")).addStores],
  ["printers", async () => (await import("./printers.ts")).addPrinters],
  ["deliveries", async () => (await import("./deliveries.ts")).addDeliveries],
  ["webhooks", async () => (await import("./webhooks.ts")).addWebhooks],
  ["alerts", async () => (await import("./alerts.ts")).addAlerts],
  ["ticket", async () => (await import("./ticket.ts")).addTicket],
  ["webhook", async () => (await import("./webhook.ts")).addWebhook],
  ["goodcom", async () => (await import("./goodcom.ts")).addGoodcom],
  ["subscribe", async () => (await import("./subscribe.ts")).addSubscribe],
  ["reconcile", async () => (await import("./reconcile.ts")).addReconcile],
  ["cancel", async () => (await import("./cancel.ts")).addCancel],
  ["prune", async () => (await import("./prune.ts")).addPrune],
  ["forget", async () => (await import("./forget.ts")).addForget],
  ["backup", async () => (await import("./backup.ts")).addBackup],
  ["migrate-ledger", async () => (await import("./migrate-ledger.ts")).addMigrateLedger],
  ["keys", async () => (await import("./keys.ts")).addKeys],
]);

/**
 * Loads the command that the words begin with, and nothing of the others: a service starts sooner and is smaller without
 * them. Words that begin with none (`--help`, a slip of the finger) need all.
 */
export async function nounsFor(argv: readonly string[]): Promise<AddNoun[]> {
  const asked = NOUNS.get(argv[0] ?? "");
  return Promise.all((asked === undefined ? [...NOUNS.values()] : [asked]).map((load) => load()));
}
