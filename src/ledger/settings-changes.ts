import type { PrinterSettings, StoreSettings } from "../core/settings.ts";

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
