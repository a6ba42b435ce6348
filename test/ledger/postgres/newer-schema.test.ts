import { describe, expect, test } from "vitest";
import { openPostgresLedger } from "../../../src/ledger/postgres/index.ts";
import { ownMigrations } from "../../../src/ledger/postgres/migrate.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import type { NewerSchema } from "../../../src/core/newer-schema.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";
import { NAME, onServer } from "./opened.ts";

describe.skipIf(POSTGRES === null)("a ledger on PostgreSQL", () => {
  const known = ownMigrations().length;
  const { url, query } = onServer("SELECT 1");

  /** Of one that is opened now. */
  async function newerSchema(): Promise<NewerSchema | null> {
    const seal = createSeal(() => [TEST_KEY]);
    const ledger = await openPostgresLedger({ url: url(), name: NAME, seal, clock: createManualClock() });
    try {
      return await ledger.newerSchema();
    } finally {
      await ledger.close();
    }
  }

  test("whose schema is this relay's own is no newer, be it made or found", async () => {
    expect(await newerSchema()).toBeNull();
    expect(await newerSchema()).toBeNull();
  });

  test("that a newer relay has changed tells to which schema, as long as this one may use it", async () => {
    const add = "INSERT INTO schema_migrations (version, name, works_with) VALUES ($1, 'later.sql', $2)";
    await query(add, [known + 1, known]);
    await query(add, [known + 2, known - 1]);
    expect(await newerSchema()).toEqual({ version: known + 2, known });
    await query(add, [known + 3, known + 1]);
    await expect(newerSchema()).rejects.toMatchObject({ code: "ledger_newer" });
  });
});
