import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DELIVERY_STATES } from "../../../src/core/delivery.ts";
import { readMigrations } from "../../../src/ledger/sql/migrations.ts";
import { POSTGRES, startPostgres, type PostgresServer } from "../../fakes/postgres.ts";

const CONNECTIONS = 4;
/** Few, so that connections meet at the same deliveries. */
const IDS = 6;

const id = fc.integer({ min: 1, max: IDS });
const state = fc.constantFrom(...DELIVERY_STATES);
const step = fc.oneof(
  fc.record({ do: fc.constant("insert" as const), from: id, to: id, state }),
  fc.record({ do: fc.constant("move" as const), id, state }),
  fc.record({ do: fc.constant("move all" as const), state }),
  fc.record({ do: fc.constant("touch" as const), id }),
  fc.record({ do: fc.constant("delete" as const), id }),
);
type Step = typeof step extends fc.Arbitrary<infer Made> ? Made : never;
const transaction = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom("COMMIT", "COMMIT", "ROLLBACK"),
});

function statementOf(step: Step): [sql: string, parameters: unknown[]] {
  switch (step.do) {
    case "insert":
      return [
        `INSERT INTO deliveries (id, kind, state, printer, order_id, order_name, order_id_key, order_name_key, search,
           lease_until, useful_until, created_at)
         SELECT n::text, 'test', $3, 'p', '', '', '', '', '', 1, 1, 1 FROM generate_series($1::int, $2::int) AS n
         ON CONFLICT (id) DO NOTHING`,
        [step.from, step.to, step.state],
      ];
    case "move":
      return ["UPDATE deliveries SET state = $2 WHERE id = $1", [String(step.id), step.state]];
    case "move all":
      return ["UPDATE deliveries SET state = $1", [step.state]];
    case "touch":
      return ["UPDATE deliveries SET retry_step = retry_step + 1 WHERE id = $1", [String(step.id)]];
    case "delete":
      return ["DELETE FROM deliveries WHERE id = $1", [String(step.id)]];
  }
}

describe.skipIf(POSTGRES === null)("the counts of states in PostgreSQL", () => {
  let server: PostgresServer;
  let url: string;
  const clients: pg.Client[] = [];
  beforeAll(async () => {
    server = await startPostgres(["deadlock_timeout=10ms"]);
    url = await server.createDatabase();
    for (let n = 0; n < CONNECTIONS; n++) await connect();
    for (const { sql } of readMigrations(new URL("../../../migrations/postgres/", import.meta.url))) {
      await first().query(sql);
    }
  });
  afterAll(async () => {
    for (const client of clients) await client.end();
    await server.remove();
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client(url);
    await client.connect();
    clients.push(client);
    return client;
  }

  function first(): pg.Client {
    const [client] = clients;
    if (client === undefined) throw new Error("not connected");
    return client;
  }

  async function run(
    client: pg.Client,
    { steps, end }: { steps: readonly Step[]; end: string },
  ): Promise<void> {
    await client.query("BEGIN");
    try {
      for (const step of steps) await client.query(...statementOf(step));
      await client.query(end);
    } catch (error) {
      await client.query("ROLLBACK");
      // Two that change the same deliveries in another order.
      if (!(error instanceof pg.DatabaseError) || error.code !== "40P01") throw error;
    }
  }

  async function expectTrue(): Promise<void> {
    const kept = await first().query(
      `SELECT state, sum(count)::int AS count FROM delivery_counts GROUP BY state HAVING sum(count) <> 0 ORDER BY state`,
    );
    const counted = await first().query(
      "SELECT state, count(*)::int AS count FROM deliveries GROUP BY state ORDER BY state",
    );
    expect(kept.rows).toEqual(counted.rows);
  }

  test("are those of the deliveries, whatever several connections do at once", async () => {
    const lists = fc.array(fc.array(transaction, { maxLength: 6 }), {
      minLength: CONNECTIONS,
      maxLength: CONNECTIONS,
    });
    await fc.assert(
      fc.asyncProperty(lists, async (told) => {
        await first().query("DELETE FROM deliveries");
        await first().query("DELETE FROM delivery_counts");
        const all = clients.map(async (client, index) => {
          for (const one of told[index] ?? []) await run(client, one);
        });
        await Promise.all(all);
        await expectTrue();
      }),
      { numRuns: 60 },
    );
  });

  test("keep no transaction waiting for another that has not ended", async () => {
    const [one, other] = [first(), await connect()];
    await other.query("SET lock_timeout = '1s'");
    await one.query("BEGIN");
    await other.query("BEGIN");
    for (const [client, from] of [
      [one, 101],
      [other, 111],
      [one, 121],
      [other, 131],
    ] as const) {
      for (const state of ["dead", "void"] as const) {
        const id = from + (state === "dead" ? 0 : 5);
        await client.query(...statementOf({ do: "insert", from: id, to: id + 4, state }));
      }
    }
    await one.query("COMMIT");
    await other.query("COMMIT");
    await expectTrue();
  });

  test("are few rows, however much was counted, also while all count at once", async () => {
    const counts = clients.map(async (client, index) => {
      const first = 10_000 * (index + 1);
      for (let id = first; id < first + 1500; id++)
        await client.query(...statementOf({ do: "insert", from: id, to: id, state: "pending" }));
    });
    await Promise.all(counts);
    await expectTrue();
    const { rows } = await first().query<{ count: number }>(
      "SELECT count(*)::int AS count FROM delivery_counts",
    );
    expect(rows[0]?.count).toBeLessThan(1500 * clients.length - 2000);
  });

  test("change by nothing when no state has changed", async () => {
    const rows = async (): Promise<unknown> =>
      (await first().query("SELECT ctid, xmin FROM delivery_counts ORDER BY ctid")).rows;
    await first().query(...statementOf({ do: "insert", from: 201, to: 201, state: "pending" }));
    const before = await rows();
    await first().query(...statementOf({ do: "touch", id: 201 }));
    await first().query(...statementOf({ do: "move", id: 201, state: "pending" }));
    expect(await rows()).toEqual(before);
  });
});
