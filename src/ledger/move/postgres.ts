import type pg from "pg";
import { RelayError } from "../../core/errors.ts";
import type { LedgerPlace } from "../../core/ledger-place.ts";
import { asLedgerError } from "../postgres/errors.ts";
import { migrate, ownMigrations } from "../postgres/migrate.ts";
import { APPLICATION_NAME, Client, getTypeParser } from "../postgres/pool.ts";
import { MOVED_TO, MOVING, readMoving, type Moving } from "../sql/moving.ts";
import { readSql, takeAside, writeSql } from "./postgres-sql.ts";
import type { Key, Side, Source, Target } from "./side.ts";
import { TABLES, whereOf, type Table } from "./tables.ts";

type Place = Extract<LedgerPlace, { kind: "postgres" }>;

/** Of a move's own connections. */
const MOVE = "goodcom-relay-move";
/** One move has a database at a time: "GCRL", and the move. */
const ONE_MOVE = "SELECT pg_advisory_lock(1195594316, 1)";
/** The server may notice a moment late that a move was killed. */
const ONE_MOVE_WAITS = "SET lock_timeout = '1s'";

const LOCK_NOT_AVAILABLE = "55P03";
/** Data exceptions, and broken constraints. */
const DAMAGED_ROW = /^2[23]/;

/** A relay that comes now waits before it can look at whether it may use the ledger. */
const ALONE = "LOCK TABLE meta IN ACCESS EXCLUSIVE MODE";

/**
 * Its schema is brought up to date, as by every command. From then on nobody else writes to it.
 * @throws `ledger_in_use`, `ledger_unavailable`, `ledger_newer`
 */
export async function openPostgresSource(place: Place): Promise<Source> {
  return open(place, async (client, side) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    // Before the first read, so that what it sees is what there is.
    await client.query(`LOCK TABLE ${TABLES.map(({ name }) => name).join(", ")} IN SHARE MODE`);
    return {
      ...side,
      movedTo: await metaOf(client, MOVED_TO),
      async mark(to) {
        await client.query(ALONE);
        await refuseRelays(client, place.name);
        await putMeta(client, MOVED_TO, to);
        await client.query("COMMIT");
      },
    };
  });
}

/** @throws `ledger_in_use`, `ledger_unavailable`, `ledger_newer` */
export async function openPostgresTarget(place: Place): Promise<Target> {
  return open(place, async (client, side) => {
    // What the server loses with its power is moved again; before it is used all is on the disk.
    await client.query("SET synchronous_commit = off");
    await client.query("SET maintenance_work_mem = '256MB'");
    const moving = await metaOf(client, MOVING);
    return {
      ...side,
      moving: moving === null ? null : readMoving(moving),
      begin: (from) =>
        inTransaction(client, async () => {
          await refuseRelays(client, place.name);
          const aside = await takeAside(client);
          await putMeta(client, MOVING, JSON.stringify({ from, aside } satisfies Moving));
        }),
      lastKey: (table) => lastKeyOf(client, table),
      async write(table, columns, rows) {
        const values = columns.map((_, index) => rows.map((row) => row[index]));
        const query = await writeSql(client, table, columns);
        await client.query({ ...query, values }).catch((error: unknown) => {
          throw refusedRow(error, table);
        });
      },
      settle: (lastNumbers) => settle(client, lastNumbers),
      async release() {
        await client.query("DELETE FROM meta WHERE key = $1", [MOVING]);
      },
    };
  });
}

async function open<Opened extends Side>(
  place: Place,
  make: (client: pg.Client, side: Side) => Promise<Opened>,
): Promise<Opened> {
  const client = new Client({
    connectionString: place.url,
    application_name: MOVE,
    keepAlive: true,
    types: { getTypeParser },
  });
  // The statement that runs, or the next, hears of it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
    await beTheOnlyOne(client, place.name);
    // A plan that is made for any number of rows does not go by the key.
    await client.query("SET lock_timeout = '10s'; SET plan_cache_mode = force_custom_plan");
    await migrate(client, ownMigrations(), place.name, "all");
    await refuseRelays(client, place.name);
    return inWords(await make(client, sideOf(client, place)), place.name);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw asLedgerError(error, place.name);
  }
}

async function beTheOnlyOne(client: pg.Client, name: string): Promise<void> {
  await client.query(ONE_MOVE_WAITS);
  try {
    await client.query(ONE_MOVE);
  } catch (cause) {
    if ((cause as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new RelayError("ledger_in_use", `another move of ${name} is under way: wait for its end`, {
      cause,
    });
  }
}

async function refuseRelays(client: pg.Client, name: string): Promise<void> {
  // Else a transaction sees what it saw first.
  await client.query("SELECT pg_stat_clear_snapshot()");
  const { rows } = await client.query<{ many: number }>(
    "SELECT count(*) AS many FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
    [APPLICATION_NAME],
  );
  const many = rows[0]?.many ?? 0;
  if (many === 0) return;
  throw new RelayError(
    "ledger_in_use",
    `relays use ${name} (${many} connections of ${APPLICATION_NAME} in pg_stat_activity): stop them first, so that nothing ` +
      "comes in while it is moved",
  );
}

function sideOf(client: pg.Client, { name }: Place): Side {
  return {
    name,
    async columnsOf(table) {
      const { rows } = await client.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
        [table.name],
      );
      return rows.map((row) => row.name);
    },
    count: (table) => numberOf(client, `SELECT count(*) FROM ${table.name} ${whereOf(table, null)}`),
    async read(table, columns, after, most) {
      const query = await readSql(client, table, columns, after);
      const values = [most.rows, most.bytes, ...(after === null ? [] : [after])];
      const { rows } = await client.query<unknown[]>({ ...query, values, rowMode: "array" });
      return rows;
    },
    async lastNumber({ name: table, key }) {
      const sequence = await client.query<{ sequence: string }>(
        "SELECT pg_get_serial_sequence($1, $2) AS sequence",
        [table, key],
      );
      const given = `SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ${sequence.rows[0]?.sequence ?? ""}`;
      const highest = `SELECT coalesce(max(${key}), 0) FROM ${table}`;
      return Math.max(await numberOf(client, given), await numberOf(client, highest));
    },
    close: () => client.end(),
  };
}

async function settle(client: pg.Client, lastNumbers: ReadonlyMap<string, number>): Promise<void> {
  // With its commit, all of before is on the disk too.
  await client.query("SET synchronous_commit = on");
  await inTransaction(client, async () => {
    const moving = readMoving((await metaOf(client, MOVING)) ?? "");
    for (const sql of moving.aside) await client.query(sql);
    await putMeta(client, MOVING, JSON.stringify({ ...moving, aside: [] } satisfies Moving));
    for (const [table, number] of lastNumbers) {
      // Not called: nothing was given yet.
      await client.query("SELECT setval(pg_get_serial_sequence($1, 'seq'), $2, $3)", [
        table,
        Math.max(number, 1),
        number > 0,
      ]);
    }
  });
  // The planner knows nothing of the tables yet.
  await client.query("ANALYZE");
}

/** What SQLite holds though a check of its own forbids it: PostgreSQL has the same checks. */
function refusedRow(cause: unknown, { name }: Table): unknown {
  const { code = "", message } = cause as { code?: string; message: string };
  if (!DAMAGED_ROW.test(code)) return cause;
  const text = `a row of ${name} is damaged (${message}): mend it or take it away, then run the same command again`;
  return new RelayError("conflict", text, { cause });
}

async function lastKeyOf(client: pg.Client, table: Table): Promise<Key | null> {
  const { key, name } = table;
  const { rows } = await client.query<[Key]>({
    text: `SELECT ${key} FROM ${name} ${whereOf(table, null)} ORDER BY ${key} DESC LIMIT 1`,
    rowMode: "array",
  });
  return rows[0]?.[0] ?? null;
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(ALONE);
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function metaOf(client: pg.Client, key: string): Promise<string | null> {
  const { rows } = await client.query<{ value: string }>("SELECT value FROM meta WHERE key = $1", [key]);
  return rows[0]?.value ?? null;
}

async function putMeta(client: pg.Client, key: string, value: string): Promise<void> {
  await client.query(
    "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [key, value],
  );
}

async function numberOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<[number]>({ text: sql, rowMode: "array" });
  return rows[0]?.[0] ?? 0;
}

/** Each of its functions fails with what to do about the server. */
function inWords<Opened extends Side>(opened: Opened, name: string): Opened {
  const wrapped = Object.entries(opened).map(([field, value]: [string, unknown]) => {
    if (typeof value !== "function") return [field, value];
    const work = value as (...given: unknown[]) => Promise<unknown>;
    const asTold = (...given: unknown[]): Promise<unknown> =>
      work(...given).catch((error: unknown) => {
        throw asLedgerError(error, name);
      });
    return [field, asTold];
  });
  return Object.fromEntries(wrapped) as Opened;
}
