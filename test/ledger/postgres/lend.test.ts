import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../../src/core/errors.ts";
import { asLedgerError } from "../../../src/ledger/postgres/errors.ts";
import { createLend } from "../../../src/ledger/postgres/lend.ts";
import type { Clients } from "../../../src/ledger/postgres/pool.ts";
import { prepare, type Work } from "../../../src/ledger/sql/statement.ts";
import { until } from "../../e2e/process.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { openTcpProxy, type TcpProxy } from "../../fakes/tcp-proxy.ts";
import { NAME, onServer, openDriver, type Opened } from "./opened.ts";

const pid = prepare<[], number>("SELECT pg_backend_pid()").pluck();
const divide = prepare<[number], number>("SELECT 1 / CAST(? AS INTEGER)").pluck();
/** More than `lend` waits for. */
const LONG_MS = 13_000;

describe.skipIf(POSTGRES === null)("a client that is lent", () => {
  const { url, query } = onServer("");
  let proxy: TcpProxy;
  let driver: Opened;
  beforeEach(async () => {
    proxy = await openTcpProxy(Number(new URL(url()).port));
    driver = openDriver(Object.assign(new URL(url()), { port: String(proxy.port) }).href);
  });
  afterEach(async () => {
    proxy.thaw();
    await driver.close();
    await proxy.close();
  });

  const read = <Result>(work: () => Work<Result>): Promise<Result> =>
    driver.lend((session) => session.run(work(), "alone"));
  const failureOf = (asked: Promise<unknown>): Promise<Error> =>
    asked.then(
      () => new Error("it did not fail"),
      (error: unknown) => asLedgerError(error, NAME),
    );

  test("is used again, also after a refusal of our own", async () => {
    const first = await read(() => pid.get());
    const refused = read(function* () {
      yield* pid.get();
      throw new RelayError("not_found", "there is no such thing");
    });
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
    expect(await read(() => pid.get())).toBe(first);
  });

  test("is not used again with a transaction that somebody has left open", async () => {
    const first = await read(() => pid.get());
    await driver.lend((session) => session.command("BEGIN"));
    const refused = driver.lend(async (session) => {
      await session.command("BEGIN");
      throw new RelayError("not_found", "there is no such thing");
    });
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
    const next = await read(() => pid.get());
    expect(next).not.toBe(first);
    await until(
      async () => (await query("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in%'")).length === 0,
    );
  });

  test("a statement that fails is told as it is, and the next one goes through", async () => {
    expect(await failureOf(read(() => divide.get(0)))).toMatchObject({ code: "22012" });
    expect(await read(() => divide.get(1))).toBe(1);
  });

  test("whose connection the server has ended meanwhile is not lent again", async () => {
    const first = await read(() => pid.get());
    await query("SELECT pg_terminate_backend($1)", [first]);
    await until(() => driver.clients.pool.totalCount === 0);
    expect(await read(() => pid.get())).not.toBe(first);
  });

  test("whose connection the server ends in the middle fails, and only what was asked of it", async () => {
    const asked = failureOf(read(() => wait.get()));
    await until(async () => (await query(END_WAITING)).length > 0);
    expect(await asked).toMatchObject({ code: "ledger_unavailable" });
    expect(await read(() => divide.get(1))).toBe(1);
  });

  test("whose server says nothing is given up, and the next is another", async () => {
    const first = await read(() => pid.get());
    proxy.freeze();
    const asked = failureOf(read(() => pid.get()));
    await driver.clock.advance(LONG_MS);
    expect(await asked).toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringContaining("the server does not answer") as string,
    });
    // It takes no other's place while the server is still silent.
    await until(() => driver.clients.pool.totalCount === 0);
    proxy.thaw();
    expect(await read(() => pid.get())).not.toBe(first);
  });

  test("when all are lent, who has waited for too long is told so", async () => {
    const held = Promise.withResolvers<undefined>();
    let lent = 0;
    const hold = (): Promise<undefined> => {
      lent++;
      return held.promise;
    };
    const holding = Promise.allSettled([1, 2].map(() => driver.lend(hold)));
    // Else it is they who have waited for too long, for their connections.
    await until(() => lent === 2);
    const asked = failureOf(read(() => pid.get()));
    await driver.clock.advance(LONG_MS);
    expect(await asked).toMatchObject({ code: "ledger_unavailable" });
    held.resolve(undefined);
    await holding;
    expect(await read(() => divide.get(1))).toBe(1);
  });
});

const wait = prepare("SELECT 1 FROM (SELECT pg_sleep(60)) AS slept");
const END_WAITING = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = 'goodcom-relay' AND wait_event = 'PgSleep'`;

test("a client that comes when its asker was given up is asked nothing, and goes back", async () => {
  const clock = createManualClock();
  const coming = Promise.withResolvers<object>();
  const given: string[] = [];
  const clients = { pool: { connect: () => coming.promise }, commits: {} } as unknown as Clients;
  const asked = createLend(clients, clock)(() => Promise.resolve(given.push("asked")));
  const failed = expect(asked).rejects.toMatchObject({ code: "ETIMEDOUT" });
  await clock.advance(LONG_MS);
  await failed;
  const stream = { destroy: () => given.push("hung up") };
  coming.resolve({ connection: { stream }, release: () => given.push("released") });
  await clock.settle();
  expect(given).toEqual(["hung up", "released"]);
});
