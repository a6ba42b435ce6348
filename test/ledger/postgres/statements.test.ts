import { beforeAll, describe, expect, test, vi } from "vitest";
import { textOfBatch } from "../../../src/ledger/postgres/batch.ts";
import { toPostgres } from "../../../src/ledger/postgres/dialect.ts";
import { ownMigrations } from "../../../src/ledger/postgres/migrate.ts";
import { BY_INDEX } from "../../../src/ledger/postgres/pool.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import type { Driver } from "../../../src/ledger/sql/driver.ts";
import { DUE, DUE_AFTER, FIRST_OF_EACH } from "../../../src/ledger/sql/due.ts";
import { ERASURE_SHELVES } from "../../../src/ledger/sql/erasure-walk.ts";
import { createLedger } from "../../../src/ledger/sql/ledger.ts";
import { SHELVES } from "../../../src/ledger/sql/prune.ts";
import type * as Statements from "../../../src/ledger/sql/statement.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";
import { onEmptyDatabase } from "./session.ts";

const made = vi.hoisted(() => new Set<string>());
vi.mock(import("../../../src/ledger/sql/statement.ts"), async (original) => {
  const { prepare, ...others }: typeof Statements = await original();
  return {
    ...others,
    prepare: (sql, postgres) => {
      const statement = prepare<never, never>(sql, postgres);
      const { postgres: words } = statement;
      if (words !== null) made.add(typeof words === "string" ? words : textOfBatch(words));
      return statement;
    },
  };
});

/** A ledger makes nearly all of its statements when it is made; it is not used. */
createLedger(
  {} as Driver,
  createSeal(() => [TEST_KEY]),
);

describe.skipIf(POSTGRES === null)("PostgreSQL", () => {
  const client = onEmptyDatabase(ownMigrations().map(({ sql }) => sql));

  test("understands every statement, and knows the type of every parameter", async () => {
    const refused: string[] = [];
    for (const sql of made) {
      const { text } = toPostgres(sql);
      try {
        await client().query(`PREPARE one AS ${text}`);
        await client().query("DEALLOCATE one");
      } catch (error) {
        refused.push(`${String(error)}: ${text}`);
      }
    }
    expect(refused).toEqual([]);
    expect(made.size).toBeGreaterThan(80);
  });

  describe("while the statistics know nothing of a backlog yet", () => {
    beforeAll(async () => {
      await fill(1, 50);
      await client().query("ANALYZE");
      await fill(51, 20_000);
      await client().query(`SET plan_cache_mode = force_generic_plan; ${BY_INDEX}`);
    });

    test.each([
      ["a claim", DUE, "deliveries_due"],
      ["a claim of one store's", DUE_AFTER, "deliveries_due_by_store"],
      ["a claim of each store's", FIRST_OF_EACH, "deliveries_due_by_store"],
      ["the sweep of what is useless", "ORDER BY useful_until LIMIT", "deliveries_useful"],
      ["the sweep of what is lost", "ORDER BY lease_until LIMIT", "deliveries_leased"],
    ])("%s goes by its index, and sorts no backlog", async (_what, part, index) => {
      const plan = await planOf([...made].find((sql) => sql.includes(part)) ?? part);
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
    });
  });

  describe("regression: each step of a walk through a large ledger read another table from its first row", () => {
    const LAST = 15_000;
    beforeAll(async () => {
      await fill(30_001, 30_000 + LAST);
      await client().query(`
        INSERT INTO tickets SELECT seq, ''::bytea FROM deliveries;
        INSERT INTO webhooks (id, status, platform, store, headers, delivery_id, body_bytes, received_at)
        SELECT id, 'accepted', 'shopline', store, '{}', id, 1, 1 FROM deliveries;
        INSERT INTO webhook_bodies SELECT seq, ''::bytea FROM webhooks;
        ANALYZE; SET plan_cache_mode = auto; ${BY_INDEX}`);
    });

    test.each<[what: string, sql: string]>([
      ["an erasure's deliveries", ERASURE_SHELVES.deliveries],
      ["an erasure's bodies", ERASURE_SHELVES.bodies],
      ...SHELVES.map(({ of, select }): [string, string] => [`the ${of} that are pruned`, select]).slice(0, 4),
    ])("%s are read from where it is", async (_what, sql) => {
      const { text, names } = toPostgres(sql);
      const given = { after: LAST, limit: 10, bodies_before: 2, attempts_before: 2 };
      const plan = await client().query<string[]>({
        text: `EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) ${text}`,
        values: names?.map((name) => given[name as keyof typeof given]) ?? [],
        rowMode: "array",
      });
      const rows = [
        ...plan.rows
          .flat()
          .join("\n")
          .matchAll(/rows=(\d+)/g),
      ].map(([, read]) => Number(read));
      expect(rows.length).toBeGreaterThan(2);
      expect(Math.max(...rows)).toBeLessThanOrEqual(100);
    });
  });

  /** Of one store, as after a long outage. */
  async function fill(from: number, to: number): Promise<void> {
    await client().query(`
      INSERT INTO deliveries (id, kind, state, store, printer, order_id, order_name, order_id_key, order_name_key,
        search, next_attempt_at, useful_until, created_at)
      SELECT lpad(n::text, 26, '0'), 'cancellation', CASE WHEN n % 2 = 0 THEN 'pending' ELSE 'verifying' END, 's', 'p',
        n, n, n, n, n, n, 1000000, n
      FROM generate_series(${from}, ${to}) AS n`);
  }

  async function planOf(sql: string): Promise<string> {
    await client().query(`PREPARE one AS ${toPostgres(sql).text}`);
    const { rows } = await client().query<{ count: number }>(
      "SELECT cardinality(parameter_types) AS count FROM pg_prepared_statements WHERE name = 'one'",
    );
    const values = Array.from({ length: rows[0]?.count ?? 0 }, () => "NULL").join(", ");
    const plan = await client().query<string[]>({
      text: `EXPLAIN EXECUTE one (${values})`,
      rowMode: "array",
    });
    await client().query("DEALLOCATE one");
    return plan.rows.flat().join("\n");
  }
});
