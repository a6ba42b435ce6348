import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { Ledger } from "./ledger.ts";

/** Stores and printers as they are now, kept in memory so that no webhook waits for a read. */
export interface SettingsCache {
  current(): Settings;
  store(name: string): StoreSettings | undefined;
  printer(name: string): PrinterSettings | undefined;
  reload(): Promise<void>;
}

/** Empty until it is first reloaded. */
export function createSettingsCache(ledger: Pick<Ledger, "settings">): SettingsCache {
  let current: Settings = { printers: [], stores: [] };
  let stores = new Map<string, StoreSettings>();
  let printers = new Map<string, PrinterSettings>();
  return {
    current: () => current,
    store: (name) => stores.get(name),
    printer: (name) => printers.get(name),
    async reload() {
      current = await ledger.settings();
      stores = new Map(current.stores.map((store) => [store.name, store]));
      printers = new Map(current.printers.map((printer) => [printer.name, printer]));
    },
  };
}
