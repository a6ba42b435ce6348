import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate, ownMigrations } from "../../src/ledger/postgres/migrate.ts";
import type { Migration } from "../../src/ledger/sql/migrations.ts";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { named, signedTo } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

const SENDERS = 4;
/** Kept by the relay before and after each change. */
const AROUND = 20;
const TIME_MS_MAX = 60_000;

const OWN = ownMigrations();
/** Of a version to come: adds to the tables that every webhook writes and every claim reads. */
const EXPAND: Migration = {
  version: OWN.length + 1,
  name: "expand.sql",
  sql: `ALTER TABLE deliveries ADD COLUMN course text NOT NULL DEFAULT 'main';
        ALTER TABLE webhooks ADD COLUMN heard_by text;
        CREATE TABLE courses (name text PRIMARY KEY);
        CREATE INDEX deliveries_by_course ON deliveries (course, id);`,
  worksWith: OWN.length,
};
/** Of one still later: takes away. */
const CONTRACT: Migration = {
  version: OWN.length + 2,
  name: "contract.sql",
  sql: "ALTER TABLE deliveries DROP COLUMN course; DROP TABLE courses",
};

describe.skipIf(POSTGRES === null)("a relay of before, while a newer one changes the schema", () => {
  let service: ServiceOnPostgres;
  beforeAll(async () => {
    service = await openServiceOnPostgres();
  });
  afterAll(() => service.close());

  /** As the newer relay does when it starts. */
  async function change(migrations: readonly Migration[]): Promise<void> {
    const client = new pg.Client({ connectionString: service.url, lock_timeout: 2_000 });
    await client.connect();
    try {
      await migrate(client, migrations, "postgres://newer");
    } finally {
      await client.end();
    }
  }

  /** Sends until told to stop, each again until it is kept. */
  function load(): { kept: string[]; answers: Set<number | null>; stop: () => Promise<void> } {
    const kept: string[] = [];
    const answers = new Set<number | null>();
    let stopped = false;
    async function send(sender: number): Promise<void> {
      for (let n = 0; !stopped; n++) {
        const order = `load-${sender}-${n}`;
        await until(async () => {
          const status = await signedTo(service.shop.relay.url, order);
          answers.add(status);
          return status === 200;
        });
        kept.push(order);
      }
    }
    const sending = Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
    return {
      kept,
      answers,
      async stop() {
        stopped = true;
        await sending;
      },
    };
  }

  test(
    "loses nothing, goes on, and comes back when it ends, where the change only adds",
    async () => {
      const { kept, answers, stop } = load();
      await until(() => kept.length >= AROUND);
      await change([...OWN, EXPAND]);
      const changedAt = kept.length;
      await until(() => kept.length >= changedAt + AROUND);
      await stop();
      expect([...answers].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      await service.printedOnce(kept);
      expect((await service.orders()).toSorted()).toEqual(kept.toSorted());

      await service.shop.relay.stop("SIGKILL");
      expect(service.logged("ledger.newer")).toEqual([]);
      await service.shop.open();
      const [told, ...more] = service.logged("ledger.newer");
      expect(more).toEqual([]);
      // pino's level for a warning.
      expect(JSON.parse(told ?? "{}")).toMatchObject({
        level: 40,
        schema: EXPAND.version,
        known: OWN.length,
        detail: expect.stringMatching(
          /^a newer relay has brought the ledger to schema .*update it/,
        ) as string,
      });
      const afterwards = named("afterwards", AROUND);
      for (const { status } of await service.sendAll(afterwards)) expect(status).toBe(200);
      await service.printedOnce(afterwards);
      expect(await service.query("SELECT DISTINCT course FROM deliveries")).toEqual([{ course: "main" }]);
    },
    TIME_MS_MAX,
  );

  test("does not come back where the change takes something away, and says what to do", async () => {
    await service.shop.relay.stop("SIGKILL");
    await change([...OWN, EXPAND, CONTRACT]);
    const known = String(OWN.length);
    const reason = `has schema ${CONTRACT.version} and this relay knows up to ${known}: start the newer relay`;
    await expect(service.shop.open()).rejects.toThrow(reason);
    const told = await service.shop.command("deliveries", "list");
    expect(told).toMatchObject({ code: 1, stderr: expect.stringContaining(reason) as string });
    expect(told.stderr.trim().split("\n")).toHaveLength(1);
  });
});
