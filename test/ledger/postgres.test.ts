import { describe } from "vitest";
import { POSTGRES } from "../fakes/postgres.ts";
import { contractOfLedger } from "./contract.ts";
import { postgresUnderTest } from "./postgres-ledger.ts";

describe.skipIf(POSTGRES === null)("a ledger in PostgreSQL", () => {
  contractOfLedger("PostgreSQL", postgresUnderTest());
});
