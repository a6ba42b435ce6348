import type { PrinterSettings, StoreSettings } from "./core/settings.ts";
import type { RelayDeps } from "./relay-deps.ts";

// Settings as they are at this moment: another process may have applied some that are not noticed yet.

export async function printerNow(
  deps: Pick<RelayDeps, "printer" | "settingsAgain">,
  name: string,
): Promise<PrinterSettings | undefined> {
  return deps.printer(name) ?? ((await deps.settingsAgain()) ? deps.printer(name) : undefined);
}

export async function storeNow(
  deps: Pick<RelayDeps, "store" | "settingsAgain">,
  name: string,
): Promise<StoreSettings | undefined> {
  return deps.store(name) ?? ((await deps.settingsAgain()) ? deps.store(name) : undefined);
}
