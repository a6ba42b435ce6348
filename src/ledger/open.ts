import type { Worker } from "node:worker_threads";
import type { LedgerPlace } from "../core/ledger-place.ts";
import type { Clock, UnixMs } from "../core/time.ts";
import { sealOf } from "./key-ring.ts";
import type { Ledger } from "./ledger.ts";
import { holdServiceLock, serviceIsRunning, type Lock } from "./sqlite/service-lock.ts";
import { createLedgerClient } from "./wire/client.ts";
import { openLedgerIn, startLedgerThread } from "./wire/thread.ts";

/** @see KeyOptions for `given`; the key file is there when it is needed */
export type OpenLedger = (options: {
  place: LedgerPlace;
  given: readonly Buffer[];
  clock: Clock;
}) => Promise<Ledger>;

/** A command has nobody to keep waiting, and a thread would cost it time. */
// Keys that cannot be read reject, as a file that cannot be opened does.
export const openLedgerHere: OpenLedger = async ({ place, given, clock }) => {
  const seal = sealOf({ given, ledgerPath: place.keyPath });
  // Each is loaded where it is used: in the service that is another thread, and a client costs a start 30 ms.
  if (place.kind === "sqlite") {
    const { openSqliteLedger } = await import("./sqlite/index.ts");
    return openSqliteLedger({ path: place.path, seal, clock });
  }
  const { openPostgresLedger } = await import("./postgres/index.ts");
  return openPostgresLedger({ url: place.url, name: place.name, seal, clock });
};

/** Decision 11. @param first the thread to begin with; when it dies, another is started */
export function openLedgerInThread(first: Worker | undefined): OpenLedger {
  let begun = first;
  return ({ place, given }) => {
    const openPort = (): Worker => {
      const thread = begun ?? startLedgerThread();
      begun = undefined;
      return openLedgerIn(thread, { place, given_keys: given });
    };
    return Promise.resolve(createLedgerClient(openPort));
  };
}

/** One service at a time has a file; a server's database is for many. @throws `ledger_in_use`, `ledger_unavailable` */
export function holdPlace(place: LedgerPlace): Lock {
  return place.kind === "sqlite" ? holdServiceLock(place.path) : { release: () => undefined };
}

/** Whether a service runs on the ledger now. */
export async function isServed(
  place: LedgerPlace,
  ledger: Pick<Ledger, "services">,
  now: UnixMs,
): Promise<boolean> {
  if (place.kind === "sqlite") return serviceIsRunning(place.path);
  return (await ledger.services(now)).length > 0;
}
