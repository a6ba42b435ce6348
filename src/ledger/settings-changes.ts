import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";

/** What `apply` did, each as `printer kitchen` or `store noodle-bar`; printers before stores but in `deleted`. */
export interface AppliedChanges {
  created: string[];
  updated: string[];
  deleted: string[];
  unchanged: string[];
}

/** `seen` null: there was none of this name; `to` null: there shall be none. */
export type SettingsEdit =
  | { kind: "printer"; name: string; seen: PrinterSettings | null; to: PrinterSettings | null }
  | { kind: "store"; name: string; seen: StoreSettings | null; to: StoreSettings | null };

export type EditResult = "created" | "updated" | "deleted" | "unchanged";

/** The part of the ledger about stores and printers themselves. */
export interface SettingsLedger {
  settings(): Promise<Settings>;
  /**
   * Creates or updates what is named, in one transaction; with `prune` deletes what is not.
   * @throws `invalid` when a store names a printer that is neither in the file nor in the ledger
   */
  apply(settings: Settings, options: { prune: boolean; now: UnixMs }): Promise<AppliedChanges>;

  /**
   * One printer or store put or removed, if it is still as `seen` by whoever changes it. What is so already is
   * `unchanged`, so that the same edit may come twice.
   * @throws `conflict` when it has changed since, or when a store uses the printer to remove; `invalid` when the
   *   store's printer is not there
   */
  edit(edit: SettingsEdit, now: UnixMs): Promise<EditResult>;
  /** When it was last put otherwise than it was; null: there is none. */
  changedAt(kind: SettingsEdit["kind"], name: string): Promise<UnixMs | null>;
}
