import type { AlertType } from "../../core/alert.ts";
import type { NewAlert } from "../../ledger/alert-ledger.ts";

/** A matter of the relay itself, of a store or of a printer; those of one order are raised inside the ledger. */
export type Matter = Omit<NewAlert, "raised_at">;

export interface Turn {
  raise?: Matter;
  /** Closed if it is open. */
  close?: { matter: string; ended: string }[];
}

/** @returns a matter of no order */
export function matterOf(
  type: AlertType,
  of: Pick<Matter, "matter" | "store" | "printer" | "reason">,
): Matter {
  return { type, delivery_id: null, webhook_id: null, order_id: null, order_name: null, ...of };
}
