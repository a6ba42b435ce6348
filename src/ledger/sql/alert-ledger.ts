import type { AlertLedger } from "../alert-ledger.ts";
import { createAlertBook } from "./alert-book.ts";
import { createAlertOutbox } from "./alert-outbox.ts";
import { createAlertSweep } from "./alert-sweep.ts";
import type { AlertWriter } from "./alerts.ts";
import type { Driver } from "./driver.ts";
import { createRhythms } from "./rhythm.ts";

/** The ledger's part that knows what needs a person, and what was told about it. */
export function createAlertLedger(alerts: AlertWriter, driver: Pick<Driver, "read" | "write">): AlertLedger {
  const outbox = createAlertOutbox();
  const book = createAlertBook(outbox);
  const alertSweep = createAlertSweep(alerts);
  const rhythmOf = createRhythms();
  return {
    raiseAlert: (alert) => driver.write(() => alerts.raise(alert)),
    closeAlert: (matter, { at, ended }) => driver.write(() => alerts.close(matter, at, ended, "told")),
    listAlerts: (filter) => driver.read(() => book.list(filter)),
    alertsDue: (now, limit) => driver.read(() => book.due(now, limit)),
    tellAlerts: (seen, message, now) => driver.write(() => book.tell(seen, message, now)),
    recordMessage: (id, tried) => driver.write(() => outbox.record(id, tried)),
    async sweepAlerts(now) {
      // Mostly there is nothing, and a commit costs a wait for the disk.
      if (!(await driver.read(() => alertSweep.isAny(now)))) return 0;
      return driver.write(() => alertSweep.sweep(now));
    },
    rhythmOf: (store, marks, limit) => driver.read(() => rhythmOf(store, marks, limit)),
  };
}
