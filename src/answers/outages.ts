import { ALERT_KINDS } from "../core/alert.ts";
import type { UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** The cloud's, and those of printers' accounts there. */
const OUTAGES_MAX = 200;

/** @returns of which printers the cloud takes no orders now, and has taken none for long enough to be told */
export async function outagesNow(
  ledger: Pick<Ledger, "listAlerts">,
  now: UnixMs,
): Promise<(of: { printer: string }) => boolean> {
  const open = await ledger.listAlerts({ state: "open", type: "cloud.lost", limit: OUTAGES_MAX });
  const since = now - ALERT_KINDS["cloud.lost"].tell_after_ms;
  const told = open.filter(({ raised_at }) => raised_at <= since).map(({ printer }) => printer);
  return ({ printer }) => told.some((of) => of === null || of === printer);
}
