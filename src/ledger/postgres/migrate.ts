import type { ClientBase } from "pg";
import { RelayError } from "../../core/errors.ts";
import { readMigrations, type Migration } from "../sql/migrations.ts";
import { NOT_UTF8 } from "./errors.ts";

const FOLDER = new URL("../../../migrations/postgres/", import.meta.url);

/** Of its row, its table or the type that a table has: which of them depends on the moment. */
const MADE_BY_ANOTHER = ["23505", "42P07", "42710"];

export function ownMigrations(): Migration[] {
  return readMigrations(FOLDER);
}

/**
 * Applies what is missing, each in one transaction together with its number. Relays that start at once wait for each
 * other: the second finds it done. A ledger that a newer relay has changed is used when all those changes say that they
 * work with this one (`Migration.worksWith`): so a relay that ends in the middle of an update comes back.
 *
 * @param name of the ledger, for the message
 * @param knowing `all`: for whoever copies the ledger, and would leave out what it does not know
 * @returns the version of the ledger's schema now
 * @throws `ledger_newer` when a newer relay has been here, and this one does not know enough; `ledger_unavailable` when
 *   a new ledger could not hold every letter
 */
export async function migrate(
  client: ClientBase,
  migrations: readonly Migration[],
  name: string,
  knowing: "enough" | "all" = "enough",
): Promise<number> {
  await requireUtf8(client, name);
  await makeTable(client);
  const known = { upTo: migrations.length, knowing };
  const version = await requireKnown(client, known, name);
  for (const migration of migrations.slice(version)) await apply(client, migration);
  // A newer relay may have had its turn before this one's.
  return requireKnown(client, known, name);
}

/**
 * In most other encodings all goes well until somebody's name has a letter that they lack: that webhook could never be
 * stored. Asked before the tables are made; a ledger that is there already goes on as it did.
 */
async function requireUtf8(client: ClientBase, name: string): Promise<void> {
  const { rows } = await client.query<{ encoding: string; is_made: number }>(
    `SELECT current_setting('server_encoding') AS encoding,
       (to_regclass('schema_migrations') IS NOT NULL)::int AS is_made`,
  );
  if (rows[0] === undefined || rows[0].encoding === "UTF8" || rows[0].is_made === 1) return;
  throw new RelayError("ledger_unavailable", `the ledger ${name} cannot be used now: ${NOT_UTF8}`);
}

async function requireKnown(
  client: ClientBase,
  { upTo, knowing }: { upTo: number; knowing: "enough" | "all" },
  name: string,
): Promise<number> {
  const { version, needs } = await schemaOf(client, upTo);
  if ((knowing === "all" ? version : needs) <= upTo) return version;
  throw new RelayError(
    "ledger_newer",
    `the ledger ${name} has schema ${version} and this relay knows up to ${upTo}: start the newer ` +
      "relay that wrote it, or put back a backup from before the upgrade",
  );
}

async function apply(
  client: ClientBase,
  { version, name, sql, worksWith = version }: Migration,
): Promise<void> {
  await client.query("BEGIN");
  try {
    // Another relay's migration is waited for, and building an index over a large ledger takes its time.
    await client.query("SET LOCAL statement_timeout = 0");
    await client.query("SET LOCAL lock_timeout = 0");
    await client.query("LOCK TABLE schema_migrations IN EXCLUSIVE MODE");
    // What is to change is used by running relays: they must not wait behind it for whoever keeps it busy.
    await client.query("SET LOCAL lock_timeout TO DEFAULT");
    if ((await schemaOf(client, version)).version < version) {
      await client.query(sql);
      await client.query({
        text: "INSERT INTO schema_migrations (version, name, works_with) VALUES ($1, $2, $3)",
        values: [version, name, worksWith],
      });
    }
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function makeTable(client: ClientBase): Promise<void> {
  const make = `
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version    integer PRIMARY KEY,
      name       text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      works_with integer
    )`;
  try {
    await client.query(make);
  } catch (error) {
    // Two at once: the one that is late finds the other's.
    if (!MADE_BY_ANOTHER.includes((error as { code?: string }).code ?? "")) throw error;
    await client.query(make);
  }
  await addColumn(client);
}

/** Ledgers of before have none. Only then: it waits for whoever migrates, and others wait behind it. */
async function addColumn(client: ClientBase): Promise<void> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM pg_attribute WHERE attrelid = 'schema_migrations'::regclass AND attname = 'works_with'",
  );
  if (rowCount !== 0) return;
  await client.query("ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS works_with integer");
}

/** Its version, and what a relay that knows it up to `known` must know to use it: no more than that when it may. */
async function schemaOf(client: ClientBase, known: number): Promise<{ version: number; needs: number }> {
  const { rows } = await client.query<{ version: number; needs: number }>(
    `SELECT coalesce(max(version), 0) AS version,
       coalesce(max(coalesce(works_with, version)) FILTER (WHERE version > $1), 0) AS needs
     FROM schema_migrations`,
    [known],
  );
  return rows[0] ?? { version: 0, needs: 0 };
}
