import { isDeepStrictEqual } from "node:util";
import { RelayError } from "../../core/errors.ts";
import type { PrinterSettings, Settings, StoreSettings } from "../../core/settings.ts";
import type { UnixMs } from "../../core/time.ts";
import type { AppliedChanges, EditResult, SettingsEdit } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import { prepare, type Work } from "./statement.ts";
import { createSettingsRows, lockSettings, type SettingsRows } from "./settings-rows.ts";

export interface SettingsStore {
  /** @throws `secret_unreadable` */
  settings(): Work<Settings>;
  /** Run inside the group commit, whose savepoint makes it all or nothing. @throws `invalid` */
  apply(settings: Settings, options: { prune: boolean; now: UnixMs }): Work<AppliedChanges>;
  /** Likewise. @throws `conflict`, `invalid` */
  edit(edit: SettingsEdit, now: UnixMs): Work<EditResult>;
  changedAt(kind: SettingsEdit["kind"], name: string): Work<UnixMs | null>;
}

export function createSettingsStore(seal: Seal): SettingsStore {
  const printers = createSettingsRows<PrinterSettings>(seal, {
    table: "printers",
    columns: [],
    split: ({ api_key, secret_key, ...plain }) => ({ plain, secrets: { api_key, secret_key } }),
    join: (plain, secrets) => ({ ...plain, ...secrets }) as PrinterSettings,
  });
  const stores = createSettingsRows<StoreSettings>(seal, {
    table: "stores",
    columns: ["platform", "printer"],
    split: splitStore,
    join: joinStore,
  });

  const usersOf = prepare<[printer: string], string>(
    "SELECT name FROM stores WHERE printer = ? ORDER BY name",
  ).pluck();

  function* refuseMissingPrinter({ stores: named }: Settings, pruned: ReadonlySet<string>): Work<void> {
    const known = new Set(yield* printers.names());
    for (const store of named) {
      if (known.has(store.printer) && !pruned.has(store.printer)) continue;
      throw new RelayError(
        "invalid",
        `store ${store.name} names printer ${store.printer}, which is neither in the file nor in the ledger: ` +
          "add it under printers, or name another",
      );
    }
  }

  function* refuseUsedPrinter(name: string): Work<void> {
    const users = yield* usersOf.all(name);
    if (users.length === 0) return;
    throw new RelayError(
      "conflict",
      `printer ${name} is used by ${users.join(", ")}: give ${users.length === 1 ? "that store" : "these stores"} another printer first`,
    );
  }

  return {
    *settings() {
      return { printers: yield* printers.all(), stores: yield* stores.all() };
    },

    *edit(edit, now) {
      yield* lockSettings();
      if (edit.kind === "printer") {
        if (edit.to === null) yield* refuseUsedPrinter(edit.name);
        return yield* putIfSeen(printers, edit, now);
      }
      if (edit.to !== null) yield* refuseMissingPrinter({ printers: [], stores: [edit.to] }, new Set());
      return yield* putIfSeen(stores, edit, now);
    },

    changedAt: (kind, name) => (kind === "printer" ? printers : stores).changedAt(name),

    *apply(named, { prune, now }) {
      yield* lockSettings();
      const changes: AppliedChanges = { created: [], updated: [], deleted: [], unchanged: [] };
      yield* put(printers, "printer", named.printers, now, changes);
      const gonePrinters = prune ? unnamed(yield* printers.names(), named.printers) : [];
      yield* refuseMissingPrinter(named, new Set(gonePrinters));
      yield* put(stores, "store", named.stores, now, changes);
      // Stores first: they refer to printers.
      for (const name of prune ? unnamed(yield* stores.names(), named.stores) : []) {
        yield* stores.remove(name);
        changes.deleted.push(`store ${name}`);
      }
      for (const name of gonePrinters) {
        yield* printers.remove(name);
        changes.deleted.push(`printer ${name}`);
      }
      return changes;
    },
  };
}

function* put<Entry extends { name: string }>(
  rows: SettingsRows<Entry>,
  noun: string,
  entries: readonly Entry[],
  now: UnixMs,
  changes: AppliedChanges,
): Work<void> {
  for (const entry of entries) {
    const before = yield* rows.findReadable(entry.name);
    if (isDeepStrictEqual(before, entry)) {
      changes.unchanged.push(`${noun} ${entry.name}`);
      continue;
    }
    yield* rows.put(entry, now);
    changes[before === null ? "created" : "updated"].push(`${noun} ${entry.name}`);
  }
}

function* putIfSeen<Entry extends { name: string }>(
  rows: SettingsRows<Entry>,
  { kind, name, seen, to }: { kind: string; name: string; seen: Entry | null; to: Entry | null },
  now: UnixMs,
): Work<EditResult> {
  const before = yield* rows.findReadable(name);
  if (isDeepStrictEqual(before, to)) return "unchanged";
  if (!isDeepStrictEqual(before, seen)) {
    const what = before === null ? "removed" : seen === null ? "added" : "changed";
    throw new RelayError("conflict", `${kind} ${name} was ${what} meanwhile: look at it again, then decide`);
  }
  if (to === null) {
    yield* rows.remove(name);
    return "deleted";
  }
  yield* rows.put(to, now);
  return before === null ? "created" : "updated";
}

function unnamed(names: readonly string[], entries: readonly { name: string }[]): string[] {
  const kept = new Set(entries.map(({ name }) => name));
  return names.filter((name) => !kept.has(name));
}

function splitStore({ secrets, api, ...plain }: StoreSettings): { plain: object; secrets: object } {
  const shownApi = api === null ? null : { url: api.url, version: api.version, allow_host: api.allow_host };
  return { plain: { ...plain, api: shownApi }, secrets: { secrets, api_token: api?.token ?? null } };
}

function joinStore(plain: object, secrets: object): StoreSettings {
  const shown = plain as Omit<StoreSettings, "secrets"> & {
    // Older rows have no `allow_host`.
    api: { url: string; version: string | null; allow_host?: string | null } | null;
  };
  const hidden = secrets as Pick<StoreSettings, "secrets"> & { api_token: string | null };
  const api =
    shown.api === null
      ? null
      : { ...shown.api, allow_host: shown.api.allow_host ?? null, token: hidden.api_token ?? "" };
  return { ...shown, secrets: hidden.secrets, api };
}
