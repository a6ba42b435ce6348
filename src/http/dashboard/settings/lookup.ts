import type { Request } from "express";
import { RelayError } from "../../../core/errors.ts";
import type { PrinterSettings, StoreSettings } from "../../../core/settings.ts";
import { pathParameter, queryOf } from "../../request.ts";
import type { DashboardDeps } from "../visit.ts";

type Deps = Pick<DashboardDeps, "settings">;

export function findPrinter({ settings }: Deps, name: string): PrinterSettings | null {
  return settings().printers.find((printer) => printer.name === name) ?? null;
}

export function findStore({ settings }: Deps, name: string): StoreSettings | null {
  return settings().stores.find((store) => store.name === name) ?? null;
}

/** The one that the address names. @throws `not_found` */
export function printerOf(deps: Deps, req: Request): PrinterSettings {
  const name = pathParameter(req, "name");
  const printer = findPrinter(deps, name);
  if (printer === null) throw new RelayError("not_found", `There is no printer ${name}.`);
  return printer;
}

/** Likewise. @throws `not_found` */
export function storeOf(deps: Deps, req: Request): StoreSettings {
  const name = pathParameter(req, "name");
  const store = findStore(deps, name);
  if (store === null) throw new RelayError("not_found", `There is no store ${name}.`);
  return store;
}

/** Which act led to this page. */
export function doneIn(req: Request): string | null {
  return new URLSearchParams(queryOf(req)).get("done");
}

export function isConflict(error: unknown): error is RelayError {
  return error instanceof RelayError && error.code === "conflict";
}
