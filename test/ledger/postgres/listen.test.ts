import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createListener, type Listener } from "../../../src/ledger/postgres/listen.ts";
import { until } from "../../e2e/process.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { onServer, openDriver, type Opened } from "./opened.ts";

interface Relay {
  driver: Opened;
  listener: Listener;
  heard: () => number;
}

/** Of one relay, between notices. */
const REST_MS = 200;
const LISTEN_AGAIN_MS = 2_000;
const OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'goodcom-relay'";
const LISTENING = `${OURS} AND query LIKE 'LISTEN%' AND state = 'idle'`;

describe.skipIf(POSTGRES === null)("relays on one PostgreSQL database", () => {
  const { url, server, query } = onServer("");
  let relays: Relay[];
  beforeEach(() => {
    relays = [];
  });
  afterEach(async () => {
    for (const { driver, listener } of relays) {
      listener.close();
      await driver.close();
    }
    await until(async () => (await query(OURS)).length === 0);
  });

  const listening = async (): Promise<number> => (await query(LISTENING)).length;
  async function open(): Promise<Relay> {
    const driver = openDriver(url());
    const listener = createListener({ pool: driver.clients.pool, clock: driver.clock });
    let heard = 0;
    const before = await listening();
    const relay = { driver, listener, heard: () => heard };
    relays.push(relay);
    listener.listen(() => heard++);
    await until(async () => (await listening()) > before);
    return relay;
  }
  /** What every relay that listens has heard by now: notices arrive in the order in which they were sent. */
  async function untilAllHeard(...listeners: Relay[]): Promise<number[]> {
    const before = listeners.map(({ heard }) => heard());
    await query("SELECT pg_notify('relay_ledger', 'a mark of the test')");
    await until(() => listeners.every(({ heard }, index) => heard() > (before[index] ?? 0)));
    return listeners.map(({ heard }) => heard() - 1);
  }

  test("hear that another has written, and not themselves", async () => {
    const [one, other] = [await open(), await open()];
    one.listener.tell();
    await until(() => other.heard() === 1);
    expect(await untilAllHeard(one, other)).toEqual([0, 1]);
  });

  test("hear of many writes in a row at once, and of the last of them", async () => {
    const [one, other] = [await open(), await open()];
    for (let n = 0; n < 100; n++) one.listener.tell();
    await until(() => other.heard() === 1);
    await one.driver.clock.advance(REST_MS);
    await until(() => other.heard() === 2);
    await one.driver.clock.advance(10 * REST_MS);
    expect(await untilAllHeard(other)).toEqual([2]);
    one.listener.tell();
    await until(() => other.heard() === 4);
  });

  test("listen again when the connection was lost, and take it that something was written meanwhile", async () => {
    const { driver, heard } = await open();
    await query(`SELECT pg_terminate_backend(pid) FROM (${LISTENING}) AS ours`);
    await until(() => driver.clients.pool.totalCount === 0);
    expect(heard()).toBe(0);
    await driver.clock.advance(LISTEN_AGAIN_MS);
    await until(() => heard() === 1);
    expect(await listening()).toBe(1);
  });

  test("listen again and again for as long as the server is away", async () => {
    const { driver, heard } = await open();
    await server().stop();
    await until(() => driver.clients.pool.totalCount === 0);
    for (let n = 0; n < 3; n++) {
      await driver.clock.advance(LISTEN_AGAIN_MS);
      await until(() => driver.clients.pool.totalCount === 0);
    }
    await server().start();
    // Its last try may still be ending.
    await until(async () => {
      await driver.clock.advance(LISTEN_AGAIN_MS);
      return heard() === 1;
    });
  });

  test("tell by another connection when they do not listen", async () => {
    const other = await open();
    const driver = openDriver(url());
    const listener = createListener({ pool: driver.clients.pool, clock: driver.clock });
    relays.push({ driver, listener, heard: () => 0 });
    listener.tell();
    await until(() => other.heard() === 1);
    expect(await listening()).toBe(1);
  });

  test("hear nothing more when they have stopped, and leave no connection behind", async () => {
    const [one, other] = [await open(), await open()];
    let also = 0;
    const stop = other.listener.listen(() => also++);
    one.listener.tell();
    await until(() => also === 1);
    stop();
    await one.driver.clock.advance(REST_MS);
    one.listener.tell();
    await until(() => other.heard() === 2);
    expect(also).toBe(1);
    other.listener.close();
    await until(() => other.driver.clients.pool.totalCount === 0);
    await other.driver.clock.advance(10 * LISTEN_AGAIN_MS);
    await query("SELECT pg_notify('relay_ledger', 'a mark of the test')");
    await until(() => one.heard() === 1);
    expect(other.heard()).toBe(2);
  });

  test("closed while they connect, leave no connection behind either", async () => {
    const driver = openDriver(url());
    const listener = createListener({ pool: driver.clients.pool, clock: driver.clock });
    listener.listen(() => undefined);
    listener.close();
    await driver.close();
    await until(async () => (await query(OURS)).length === 0);
    await driver.clock.advance(10 * LISTEN_AGAIN_MS);
    expect(driver.clients.pool.totalCount).toBe(0);
  });
});
