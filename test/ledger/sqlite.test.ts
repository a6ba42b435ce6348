import { contractOfLedger } from "./contract.ts";
import { openSqliteUnderTest } from "./sqlite-ledger.ts";

contractOfLedger("SQLite", openSqliteUnderTest);
