import { writeSync } from "node:fs";
import { ledgerPlace } from "../../../src/core/ledger-place.ts";
import { moveLedger } from "../../../src/ledger/move/move.ts";

// Moves a ledger in small batches, and prints a line after each.
const [from = "", to = ""] = process.argv.slice(2);
await moveLedger({
  ...{ from: ledgerPlace(from), to: ledgerPlace(to), keep: false },
  ...{ most: { rows: 3, bytes: 2000 }, stopped: () => false },
  onProgress: ({ step, table, done }) => void writeSync(1, `${step} ${table} ${done}\n`),
});
