import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ledgerPlace } from "../../../src/core/ledger-place.ts";
import { asLedgerError } from "../../../src/ledger/postgres/errors.ts";
import { prepare } from "../../../src/ledger/sql/statement.ts";
import { until } from "../../e2e/process.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { openTcpProxy } from "../../fakes/tcp-proxy.ts";
import { NAME, onServer, openDriver, type Opened } from "./opened.ts";

const SETTINGS = [
  "application_name",
  "synchronous_commit",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
];
const transactionIsolation = prepare<[], string>("SELECT current_setting('transaction_isolation')").pluck();
const OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'goodcom-relay'";

describe.skipIf(POSTGRES === null)("the clients of PostgreSQL", () => {
  // As somebody in a hurry has it.
  const { url, server, query } = onServer("", [
    "synchronous_commit=off",
    "default_transaction_isolation=serializable",
    `hba_file=${writeLogins()}`,
  ]);
  let driver: Opened;
  beforeEach(() => {
    driver = openDriver(url());
  });
  afterEach(async () => {
    await driver.close();
    await query("ALTER DATABASE test_1 RESET default_transaction_read_only");
  });

  const select = async (sql: string): Promise<unknown[][]> =>
    (await driver.clients.pool.query<unknown[]>({ text: sql, rowMode: "array" })).rows;
  const failureOf = (asked: Promise<unknown>, name = NAME): Promise<Error> =>
    asked.then(
      () => new Error("it did not fail"),
      (error: unknown) => asLedgerError(error, name),
    );

  test("say who they are, wait for nothing without end, and commit so that it lasts", async () => {
    const shown = SETTINGS.map((setting) => `current_setting('${setting}')`).join(", ");
    expect(await select(`SELECT ${shown}`)).toEqual([["goodcom-relay", "on", "10s", "2s", "20s"]]);
  });

  test.each([";/?:@&=+$,#", "a%40b", "a b", "x/../ü"])(
    "bug: a database whose name has any of ; / ? : @ & = + $ , # was not found: %s",
    async (name) => {
      await query(`CREATE DATABASE "${name}"`);
      const address = new URL(url());
      address.pathname = encodeURIComponent(name);
      const named = openDriver(address.href);
      const { rows } = await named.clients.pool.query<{ name: string }>("SELECT current_database() AS name");
      await named.close();
      expect(rows).toEqual([{ name }]);
    },
  );

  test("bug: where the server's default is SERIALIZABLE, two relays that wrote at once had answered 503", async () => {
    const shown = await driver.lend(async (session) => {
      await session.command("BEGIN");
      return session.run(transactionIsolation.get(), "alone").finally(() => session.command("ROLLBACK"));
    });
    expect(shown).toBe("read committed");
  });

  test("refuse a server that is read-only, and connect anew when it is not any more", async () => {
    await query("ALTER DATABASE test_1 SET default_transaction_read_only = on");
    const refused = await failureOf(select("SELECT 1"));
    expect(refused).toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringContaining("it is read-only: after a failover the address must lead") as string,
    });
    await until(async () => (await query(OURS)).length === 0);
    await query("ALTER DATABASE test_1 SET default_transaction_read_only = off");
    expect(await select("SELECT 1")).toEqual([[1]]);
  });

  test("outlive the end of connections that nobody uses", async () => {
    await select("SELECT 1");
    await query(`SELECT pg_terminate_backend(pid) FROM (${OURS}) AS ours`);
    await until(() => driver.clients.pool.totalCount === 0);
    expect(await select("SELECT 1")).toEqual([[1]]);
  });

  test("of a server that is stopped are refused, and connect by themselves when it is back", async () => {
    await select("SELECT 1");
    await server().stop();
    await until(() => driver.clients.pool.totalCount === 0);
    const refused = await failureOf(select("SELECT 1"));
    expect(refused).toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringContaining("the server cannot be reached") as string,
    });
    await server().start();
    expect(await select("SELECT 1")).toEqual([[1]]);
  });

  test("that never hear the end of their connecting give up by the clock", async () => {
    const proxy = await openTcpProxy(Number(new URL(url()).port));
    const other = openDriver(Object.assign(new URL(url()), { port: String(proxy.port) }).href);
    let isCounted = false;
    // It logs in; from then on the server says nothing.
    proxy.watch((bytes, from) => {
      if (from === "client" && bytes.includes("synchronous_commit")) {
        proxy.freeze();
        isCounted = true;
      }
      return undefined;
    });
    const asked = failureOf(other.clients.pool.connect());
    await until(() => isCounted);
    await other.clock.advance(5_000);
    expect(await asked).toMatchObject({ code: "ledger_unavailable" });
    proxy.thaw();
    await other.close();
    await proxy.close();
  });

  test("leave nothing connected when they are closed", async () => {
    await Promise.all([select("SELECT 1"), select("SELECT 2")]);
    expect(await query(OURS)).not.toEqual([]);
    await driver.clients.close();
    await until(async () => (await query(OURS)).length === 0);
    driver = openDriver(url());
  });

  test("name no user and no password, whatever fails", async () => {
    await query("CREATE ROLE guarded LOGIN PASSWORD 'right'");
    const secret = "pass-word-of-the-ledger";
    const address = (others: Partial<URL>): string => Object.assign(new URL(url()), others).href;
    const failing: [string, RegExp][] = [
      [address({ username: "guarded", password: secret }), /refuses the login/],
      [address({ username: "guarded" }), /refuses the login/],
      [address({ username: "nobody", password: secret }), /refuses the login/],
      [address({ password: secret, port: "1" }), /cannot be reached/],
      [address({ password: secret, pathname: "/no_such" }), /has no such database/],
      [address({ password: secret, search: "?sslmode=verify-full" }), /offers no TLS/],
    ];
    for (const [there, advice] of failing) {
      const other = openDriver(there);
      const error = await failureOf(other.clients.pool.query("SELECT 1"), ledgerPlace(there).name);
      expect(error).toMatchObject({ code: "ledger_unavailable" });
      expect(error.message).toMatch(advice);
      expect(error.message).not.toMatch(/guarded|nobody/);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret);
      await other.close();
    }
  });
});

/** Of everybody but `relay` a password is asked. @returns the path of the file, which the server's user can read */
function writeLogins(): string {
  const folder = mkdtempSync(join(tmpdir(), "postgres-logins-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const path = join(folder, "pg_hba.conf");
  writeFileSync(path, "host all relay 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
  return path;
}
