import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_TOKEN, freePort, relayCommand, startRelay, until, type RunningRelay } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { openTcpProxy, type TcpProxy } from "../fakes/tcp-proxy.ts";
import { named, signedTo } from "../faults/disk/service.ts";
import { onDatabase, openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

const MINUTE = 60_000;
/** Beats are 3 s apart, and a service that is not heard of for 10 s is dead. */
const TIME_MS_MAX = 120_000;

/** The whole process, its threads too, has a clock that differs so much from the machine's. */
function clockOffBy(ms: number): { NODE_OPTIONS: string } {
  return {
    NODE_OPTIONS: `--import=data:text/javascript,const{now}=Date;Date.now=()=>now.call(Date)+(${ms})`,
  };
}

describe.skipIf(POSTGRES === null)("two relays whose clocks are twenty minutes apart", () => {
  let service: ServiceOnPostgres;
  /** The way to the cloud, for both. */
  let wire: TcpProxy;
  const relays: RunningRelay[] = [];

  beforeAll(async () => {
    service = await openServiceOnPostgres();
    const { shop } = service;
    await shop.relay.stop("SIGTERM");
    wire = await openTcpProxy(Number(new URL(shop.cloud.url).port));
    for (const ms of [10 * MINUTE, -10 * MINUTE]) {
      const env = {
        ...shop.env,
        ...clockOffBy(ms),
        GOODCOM_URL: `http://127.0.0.1:${wire.port}`,
        RELAY_PORT: String(await freePort()),
      };
      relays.push(await startRelay(shop.folder, env));
    }
  });
  afterAll(async () => {
    for (const relay of relays) await relay.stop("SIGKILL");
    await wire.close();
    await service.close();
  });

  interface Seen {
    id: string;
    leads: number;
    /** Of its latest beat, by the database's own clock: how long it is taken for alive from now. */
    left_ms: number;
    /** Later with each beat. */
    seen_until: number;
  }
  async function seen(): Promise<Seen[]> {
    const rows = await service.query(
      `SELECT id, leads::int AS leads, seen_until::float8 AS seen_until,
         (seen_until - extract(epoch FROM clock_timestamp()) * 1000)::float8 AS left_ms
       FROM services ORDER BY id`,
    );
    return rows as unknown as Seen[];
  }
  /** Until each has beaten once more, and once more. */
  async function untilBeatenTwice(): Promise<void> {
    for (let n = 0; n < 2; n++) {
      const before = await seen();
      await until(async () => {
        const now = await seen();
        return before.every(({ id, seen_until }) =>
          now.some((one) => one.id === id && one.seen_until > seen_until),
        );
      });
    }
  }

  async function sendTo(relay: RunningRelay, orders: readonly string[]): Promise<void> {
    expect(await Promise.all(orders.map((order) => signedTo(relay.url, order)))).toEqual(
      orders.map(() => 200),
    );
  }

  test(
    "neither takes the other for dead, nor what it is sending for lost: each slip goes once",
    async () => {
      const [ahead, behind] = relays;
      if (ahead === undefined || behind === undefined) throw new Error("there are too few relays");
      await until(async () => (await seen()).length === 2);
      // What is sent now stays under way, for as long as others need to find a dead relay's.
      wire.freeze();
      const orders = [...named("ahead", 12), ...named("behind", 12)];
      await sendTo(ahead, orders.slice(0, 12));
      await sendTo(behind, orders.slice(12));
      await until(async () => {
        const [under_way] = await service.query(
          "SELECT count(*)::int AS orders, count(DISTINCT claimed_by)::int AS relays FROM deliveries WHERE state = 'sending'",
        );
        if (under_way?.orders !== orders.length) return false;
        if (under_way.relays === 2) return true;
        // Whoever is quicker takes what the other was sent: more follows, until each has something in its hands.
        const more = `more-${String(orders.length)}`;
        await sendTo(orders.length % 2 === 0 ? ahead : behind, [more]);
        orders.push(more);
        return false;
      });
      await untilBeatenTwice();
      const services = await seen();
      expect(services.map(({ leads }) => leads).toSorted()).toEqual([0, 1]);
      for (const { left_ms } of services) {
        expect(left_ms).toBeGreaterThan(0);
        expect(left_ms).toBeLessThanOrEqual(11_000);
      }

      wire.thaw();
      await service.printedOnce(orders);
      const outcomes = await until(async () => {
        const rows = await service.query("SELECT outcome FROM attempts");
        return rows.length >= orders.length && rows;
      });
      expect(outcomes).toEqual(orders.map(() => ({ outcome: "accepted" })));
    },
    TIME_MS_MAX,
  );

  test("a command goes by the same clock: what it leaves is neither of the future nor due then", async () => {
    const env = { ...service.shop.env, ...clockOffBy(10 * MINUTE) };
    const { code, stdout } = await relayCommand(
      service.shop.folder,
      ["printers", "test", "kitchen", "--json"],
      env,
    );
    expect(code).toBe(0);
    const { delivery } = JSON.parse(stdout) as { delivery: { created_at: string } };
    const [row] = await service.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now");
    const age = Number(row?.now) - Date.parse(delivery.created_at);
    expect(age).toBeGreaterThanOrEqual(-1_000);
    expect(age).toBeLessThan(MINUTE);
  });

  test("bug: a store was added by the clock of the machine that applied it: what was cancelled until then was never fetched", async () => {
    const { shop } = service;
    const store = {
      name: "late-bar",
      platform: "shopline",
      printer: "kitchen",
      secrets: ["a-secret-of-the-app"],
    };
    writeFileSync(join(shop.folder, "late.json"), JSON.stringify({ stores: [store] }));
    const env = { ...shop.env, ...clockOffBy(10 * MINUTE) };
    expect(await relayCommand(shop.folder, ["apply", "late.json"], env)).toMatchObject({ code: 0 });
    const [row] = await service.query(
      `SELECT (extract(epoch FROM clock_timestamp()) * 1000 - created_at)::float8 AS age FROM stores
       WHERE name = 'late-bar'`,
    );
    expect(row?.age).toBeGreaterThanOrEqual(-1_000);
  });

  test("doctor says so, and holds the clock that signs against the cloud's", async () => {
    const { shop } = service;
    const env = { ...shop.env, ...clockOffBy(-10 * MINUTE) };
    const { stdout } = await relayCommand(shop.folder, ["doctor", "--json"], env);
    const { checks } = JSON.parse(stdout) as {
      checks: { status: string; subject: string; detail: string }[];
    };
    const found = checks.filter(({ subject }) => ["service", "database clock", "clock"].includes(subject));
    expect(found).toMatchObject([
      { status: "ok", detail: expect.stringMatching(/^2 running on this ledger: /) as string },
      {
        status: "warn",
        detail: expect.stringContaining("this machine's clock is 600 s behind the database's") as string,
      },
      { status: "ok", detail: "the database's agrees with the cloud's" },
    ]);
  });

  test("each says so once, and shows by how much", async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    for (const [n, minutes] of [10, -10].entries()) {
      const relay = relays[n];
      const told = (relay?.output() ?? "").split("\n").filter((line) => line.includes('"clock.apart"'));
      expect(told).toHaveLength(1);
      const by = minutes < 0 ? "behind" : "ahead of";
      expect(told[0]).toContain(`this machine's clock is 600 s ${by} the database's`);
      const figures = await (await fetch(`${relay?.url}/metrics`, { headers })).text();
      const offset = Number(/^relay_clock_offset_seconds (\S+)$/m.exec(figures)?.[1]);
      expect(Math.abs(offset - minutes * 60)).toBeLessThan(1);
    }
  });

  test("bug: a relay began in 1970 with its database, whose clocks were on one machine: all was refused, then out of time", async () => {
    const url = await service.server.createDatabase();
    // As the server's own: a clock that has begun anew.
    await onDatabase(
      url,
      `CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
         AS 'SELECT pg_catalog.clock_timestamp() - now() + timestamptz ''epoch''';
       ALTER DATABASE ${new URL(url).pathname.slice(1)} SET search_path = public, pg_catalog`,
    );
    const env = { ...service.shop.env, RELAY_DATABASE: url, RELAY_PORT: String(await freePort()) };
    const unset = { ...env, ...clockOffBy(MINUTE - Date.now()) };
    await expect(startRelay(service.shop.folder, unset)).rejects.toThrow(
      /ended with 1: [^]*relay: the database's clock and this machine's say 1970-01-01T\S+, and [^\n]+ by NTP, then start again\n/,
    );
    const relay = await startRelay(service.shop.folder, env);
    await until(() => relay.output().includes("the database's clock says 1970-01-01T"));
    await relay.stop("SIGKILL");
  });
});
