import type { Database } from "better-sqlite3";
import type { AlertLedger } from "../alert-ledger.ts";
import { createAlertBook } from "./alert-book.ts";
import { createAlertOutbox } from "./alert-outbox.ts";
import { createAlertSweep } from "./alert-sweep.ts";
import type { AlertWriter } from "./alerts.ts";
import type { GroupCommit } from "./group-commit.ts";
import { createRhythms } from "./rhythm.ts";

/** The ledger's part that knows what needs a person, and what was told about it. */
export function createAlertLedger(
  db: Database,
  alerts: AlertWriter,
  group: Pick<GroupCommit, "write">,
  read: <Result>(query: () => Result) => Promise<Result>,
): AlertLedger {
  const outbox = createAlertOutbox(db);
  const book = createAlertBook(db, outbox);
  const alertSweep = createAlertSweep(db, alerts);
  const rhythmOf = createRhythms(db);
  return {
    raiseAlert: (alert) => group.write(() => alerts.raise(alert)),
    closeAlert: (matter, { at, ended }) => group.write(() => alerts.close(matter, at, ended, "told")),
    listAlerts: (filter) => read(() => book.list(filter)),
    alertsDue: (now, limit) => read(() => book.due(now, limit)),
    tellAlerts: (seen, message, now) => group.write(() => book.tell(seen, message, now)),
    recordMessage: (id, tried) => group.write(() => outbox.record(id, tried)),
    async sweepAlerts(now) {
      // Mostly there is nothing, and a commit costs a wait for the disk.
      if (!(await read(() => alertSweep.isAny(now)))) return 0;
      return group.write(() => alertSweep.sweep(now));
    },
    rhythmOf: (store, marks, limit) => read(() => rhythmOf(store, marks, limit)),
  };
}
