import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createSeal } from "../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import type { LedgerUnderTest } from "./under-test.ts";
import { NOON } from "./entries.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

export const TEST_KEY = Buffer.alloc(32, 7);

/** A folder of its own for one test's files. */
export function makeFolder(): { path: string; file(name: string): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "ledger-test-"));
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export function openAt(path: string, pragmas: readonly string[] = []): Promise<Ledger> {
  return openSqliteLedger({
    path,
    seal: createSeal(() => [TEST_KEY]),
    clock: createManualClock(NOON),
    pragmas,
  });
}

/** For the contract: on the disk, as in life. */
export async function openSqliteUnderTest(): Promise<LedgerUnderTest> {
  const folder = makeFolder();
  const clock = createManualClock(NOON);
  const path = folder.file("relay.db");
  const open = (): Promise<Ledger> => openSqliteLedger({ path, seal: createSeal(() => [TEST_KEY]), clock });
  const ledger = await open();
  const others: Ledger[] = [];
  return {
    ledger,
    clock,
    async another() {
      const other = await open();
      others.push(other);
      return other;
    },
    async end() {
      for (const opened of [...others, ledger]) await opened.close();
      folder.remove();
    },
  };
}
