import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { MachineClock } from "../core/time.ts";
import type { Ledger } from "./ledger.ts";

/** Stores and printers as they are now, kept in memory so that no webhook waits for a read. */
export interface SettingsCache {
  current(): Settings;
  store(name: string): StoreSettings | undefined;
  printer(name: string): PrinterSettings | undefined;
  /** Reads them anew, with all that was written before. However many ask meanwhile, one more read is made for them. */
  reload(): Promise<void>;
  /**
   * For whoever misses what another process may have written just now, which is noticed within half a second. Anybody on
   * the net may miss something, so it is bounded: a twentieth of the ledger's time, and a few times a second at most.
   *
   * @returns whether they were read anew; false also when they cannot be read. Never throws
   */
  again(): Promise<boolean>;
}

const AGAIN_EVERY_MS = 250;
/** Of what the read itself took. */
const AGAIN_AFTER_TIMES = 20;

/** Empty until it is first reloaded. */
export function createSettingsCache(
  ledger: Pick<Ledger, "settings">,
  machine: Pick<MachineClock, "elapsed">,
): SettingsCache {
  let current: Settings = { printers: [], stores: [] };
  let stores = new Map<string, StoreSettings>();
  let printers = new Map<string, PrinterSettings>();
  let last = Promise.resolve();
  let next: Promise<void> | null = null;
  let againFrom = 0;

  // One after the other: of two at once, the older could be the last to come.
  function reload(): Promise<void> {
    if (next !== null) return next;
    const own = last.then(() => {
      next = null;
      return read();
    });
    next = own;
    last = own.catch(() => undefined);
    return own;
  }

  async function read(): Promise<void> {
    current = await ledger.settings();
    stores = new Map(current.stores.map((store) => [store.name, store]));
    printers = new Map(current.printers.map((printer) => [printer.name, printer]));
  }

  async function again(): Promise<boolean> {
    const askedAt = machine.elapsed();
    if (askedAt < againFrom) return false;
    const isRead = await reload().then(
      () => true,
      () => false,
    );
    const now = machine.elapsed();
    againFrom = now + Math.max(AGAIN_EVERY_MS, AGAIN_AFTER_TIMES * (now - askedAt));
    return isRead;
  }

  return {
    current: () => current,
    store: (name) => stores.get(name),
    printer: (name) => printers.get(name),
    reload,
    again,
  };
}
