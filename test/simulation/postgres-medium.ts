import type { Ledger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/index.ts";
import { systemClock } from "../../src/system.ts";
import type { PostgresServer } from "../fakes/postgres.ts";
import { SEAL } from "../fakes/process.ts";
import type { Medium, OpenMedium } from "./medium.ts";
import { openEyes, type Ask } from "./postgres-eyes.ts";

/**
 * A database of each world's own on a real server. Each life logs in as a role of its own: when it is killed, the server
 * drops its connections, in the middle of whatever they do, and takes no further ones.
 */
export async function postgresMedia(server: PostgresServer): Promise<OpenMedium> {
  const ask = openEyes();
  const template = new URL(await server.createDatabase());
  await (await openOn(template, "relay")).close();
  let worlds = 0;
  return async () => {
    const name = `world_${worlds++}`;
    await server.command(`CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`);
    const url = new URL(`/${name}`, template);
    return openMedium(server, ask, url);
  };
}

async function openMedium(server: PostgresServer, ask: Ask, url: URL): Promise<Medium> {
  const ledger = await openOn(url, url.username);
  const lives = new Map<number, Promise<Ledger>>();
  const look = <Row>(sql: string, ...values: string[]): Row[] =>
    ask<Row>(url.href, sql.replace("?", "$1"), ...values);

  function drop(life: number): void {
    const own = `FROM pg_stat_activity WHERE usename = 'life_${life}'`;
    // One that is in the middle of its commit ends a moment later.
    while (look(`SELECT pg_terminate_backend(pid) ${own}`).length > 0);
  }

  return {
    shared: true,
    ledger,
    eyes: { look, integrity: () => "ok", strays: () => look<{ many: number }>(STRAYS)[0]?.many ?? 0 },
    open(life) {
      look(`CREATE ROLE life_${life} LOGIN SUPERUSER`);
      const opened = openOn(url, `life_${life}`);
      lives.set(life, opened);
      return opened;
    },
    drop,
    cutOff(life) {
      look(`ALTER ROLE life_${life} NOLOGIN`);
      drop(life);
    },
    async close() {
      for (const opened of await Promise.all(lives.values())) await opened.close();
      await ledger.close();
      await server.command(`DROP DATABASE ${url.pathname.slice(1)} WITH (FORCE)`);
      for (const life of lives.keys()) await server.command(`DROP ROLE life_${life}`);
    },
  };
}

/** The server's time is the machine's, whatever the world's clock says. */
function openOn(url: URL, user: string): Promise<Ledger> {
  const { href } = Object.assign(new URL(url), { username: user });
  return openPostgresLedger({ url: href, name: "postgres://simulated", seal: SEAL, clock: systemClock });
}

/** No foreign key holds these (migrations/postgres/0001_initial.sql). */
const BELONGS = [
  ...["tickets", "history", "attempts", "confirmations"].map((table) => [
    ...[table, "delivery_seq", "deliveries", "seq"],
  ]),
  ["webhook_bodies", "webhook_seq", "webhooks", "seq"],
  ["webhooks", "delivery_id", "deliveries", "id"],
  ["deliveries", "webhook_id", "webhooks", "id"],
] as const;
const STRAYS = `SELECT ${BELONGS.map(
  ([table, column, to, key]) =>
    `(SELECT count(*) FROM ${table} t WHERE ${column} IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${to} WHERE ${to}.${key} = t.${column}))`,
).join(" + ")} AS many`;
