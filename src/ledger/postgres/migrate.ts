import type { ClientBase } from "pg";
import { RelayError } from "../../core/errors.ts";
import { readMigrations, type Migration } from "../sql/migrations.ts";

const FOLDER = new URL("../../../migrations/postgres/", import.meta.url);

const MADE_BY_ANOTHER = ["23505", "42P07"];

export function ownMigrations(): Migration[] {
  return readMigrations(FOLDER);
}

/**
 * Applies what is missing, each in one transaction together with its number. Relays that start at once wait for each
 * other: the second finds it done.
 *
 * @param name of the ledger, for the message
 * @throws `ledger_newer` when a newer relay has been here
 */
export async function migrate(
  client: ClientBase,
  migrations: readonly Migration[],
  name: string,
): Promise<void> {
  await makeTable(client);
  const version = await requireKnown(client, migrations.length, name);
  for (const migration of migrations.slice(version)) await apply(client, migration);
  // A newer relay may have had its turn before this one's.
  await requireKnown(client, migrations.length, name);
}

async function requireKnown(client: ClientBase, known: number, name: string): Promise<number> {
  const version = await versionOf(client);
  if (version <= known) return version;
  throw new RelayError(
    "ledger_newer",
    `the ledger ${name} has schema ${version} and this relay knows up to ${known}: start the newer ` +
      "relay that wrote it, or put back a backup from before the upgrade",
  );
}

async function apply(client: ClientBase, { version, name, sql }: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    // Another relay's migration is waited for, and building an index over a large ledger takes its time.
    await client.query("SET LOCAL statement_timeout = 0");
    await client.query("SET LOCAL lock_timeout = 0");
    await client.query("LOCK TABLE schema_migrations IN EXCLUSIVE MODE");
    // What is to change is used by running relays: they must not wait behind it for whoever keeps it busy.
    await client.query("SET LOCAL lock_timeout TO DEFAULT");
    if ((await versionOf(client)) < version) {
      await client.query(sql);
      await client.query("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", [version, name]);
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
      applied_at timestamptz NOT NULL DEFAULT now()
    )`;
  try {
    await client.query(make);
  } catch (error) {
    // Two at once: the one that is late finds the other's.
    if (!MADE_BY_ANOTHER.includes((error as { code?: string }).code ?? "")) throw error;
    await client.query(make);
  }
}

async function versionOf(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT coalesce(max(version), 0) AS version FROM schema_migrations",
  );
  return rows[0]?.version ?? 0;
}
