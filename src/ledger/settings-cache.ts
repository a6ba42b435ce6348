import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { Ledger } from "./ledger.ts";

/** Stores and printers as they are now, kept in memory so that no webhook waits for a read. */
export interface SettingsCache {
  current(): Settings;
  store(name: string): StoreSettings | undefined;
  printer(name: string): PrinterSettings | undefined;
  reload(): Promise<void>;
}

export async function createSettingsCache(ledger: Pick<Ledger, "settings">): Promise<SettingsCache> {
  let current: Settings;
  let stores: Map<string, StoreSettings>;
  let printers: Map<string, PrinterSettings>;
  async function reload(): Promise<void> {
    current = await ledger.settings();
    stores = new Map(current.stores.map((store) => [store.name, store]));
    printers = new Map(current.printers.map((printer) => [printer.name, printer]));
  }
  await reload();
  return {
    current: () => current,
    store: (name) => stores.get(name),
    printer: (name) => printers.get(name),
    reload,
  };
}
