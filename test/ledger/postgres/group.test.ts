import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prepare, settled, together, type Work } from "../../../src/ledger/sql/statement.ts";
import { until } from "../../e2e/process.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { onServer, openDriver, type Opened } from "./opened.ts";

const SCHEMA = `
  CREATE TABLE numbers (
    n      bigint PRIMARY KEY,
    parent bigint REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED
  );
  CREATE SEQUENCE tries;
  -- What a sequence counts no ROLLBACK takes back.
  CREATE FUNCTION fails(code text, times bigint) RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    tried bigint := nextval('tries');
  BEGIN
    IF tried <= times THEN
      RAISE EXCEPTION 'try %', tried USING ERRCODE = code;
    END IF;
    RETURN tried;
  END $$`;

const insert = prepare<[number]>("INSERT INTO numbers (n) VALUES (?)");
const insertOrphan = prepare<[number]>("INSERT INTO numbers (n, parent) VALUES (?, 404)");
const count = prepare<[], number>("SELECT count(*) FROM numbers").pluck();
const fails = prepare<{ code: string; times: number }, number>(
  "SELECT fails(CAST(:code AS TEXT), CAST(:times AS BIGINT))",
).pluck();

function* insertThen(n: number, then: () => Work<void>): Work<number> {
  yield* insert.run(n);
  yield* then();
  return n;
}
// eslint-disable-next-line require-yield
function* changeMyMind(): Work<void> {
  throw new RangeError("changed my mind");
}
const ALWAYS = 1_000_000;

describe.skipIf(POSTGRES === null)("a group of calls in PostgreSQL", () => {
  const { url, query } = onServer(SCHEMA, ["deadlock_timeout=10ms"]);
  let driver: Opened;
  beforeEach(async () => {
    await query("TRUNCATE numbers");
    await query("ALTER SEQUENCE tries RESTART");
    driver = openDriver(url());
  });
  afterEach(() => driver.close());

  const add = (n: number, lane?: string): Promise<number> =>
    driver.group.write(() => insertThen(n, () => settled(undefined)), lane);
  const times = (command: string): number => driver.commands.filter((sent) => sent === command).length;
  const stored = async (): Promise<number[]> =>
    (await query("SELECT n FROM numbers ORDER BY n")).map(({ n }) => Number(n));
  const upTo = (length: number): number[] => Array.from({ length }, (_, n) => n);

  test("calls of one turn share one transaction, and none resolves before it has committed", async () => {
    const seen: Promise<number[]>[] = [];
    const calls = upTo(50).map(async (n) => {
      const result = await add(n, n % 2 === 0 ? `lane ${n % 10}` : undefined);
      if (n === 0) seen.push(stored());
      return result;
    });
    expect(await Promise.all(calls)).toEqual(upTo(50));
    expect(await seen[0]).toEqual(upTo(50));
    expect(driver.commands).toEqual(["BEGIN", "COMMIT"]);
    await add(1000);
    expect(times("COMMIT")).toBe(2);
  });

  test("very many take several transactions, and one that waits does not keep the next waiting", async () => {
    await query("SELECT pg_advisory_lock(7)");
    const slow = driver.group.write(() => waitForGate.get());
    const beside = Promise.all(upTo(249).map((n) => add(n)));
    const next = Promise.all(upTo(250).map((n) => add(1000 + n)));
    const last = Promise.all(upTo(100).map((n) => add(2000 + n)));
    await Promise.all([next, last]);
    expect(times("COMMIT")).toBe(2);
    await query("SELECT pg_advisory_unlock(7)");
    await Promise.all([slow, beside]);
    expect(times("BEGIN")).toBe(3);
    expect(times("COMMIT")).toBe(3);
    expect(await stored()).toHaveLength(599);
    const { commit_calls, commit_s } = driver.group.figures();
    expect(commit_calls.sum).toBe(600);
    for (const { counts } of [commit_calls, commit_s]) expect(counts.reduce((sum, n) => sum + n, 0)).toBe(3);
  });

  test("calls of one lane go one after the other, those of different lanes side by side", async () => {
    const log: string[] = [];
    const call = (name: string, n: number, lane?: string): Promise<void> =>
      driver.group.write(function* () {
        log.push(`${name} begins`);
        yield* insert.run(n);
        log.push(`${name} ends`);
      }, lane);
    await Promise.all([
      call("a1", 1, "a"),
      call("a2", 2, "a"),
      call("b1", 3, "b"),
      call("none1", 4),
      call("none2", 5),
    ]);
    const at = (entry: string): number => log.indexOf(entry);
    expect(at("a1 ends")).toBeLessThan(at("a2 begins"));
    expect(at("b1 begins")).toBeLessThan(at("a1 ends"));
    expect(at("none1 ends")).toBeLessThan(at("none2 begins"));
    expect(log).toHaveLength(10);
  });

  test("a failing call is undone alone, and its error is its own", async () => {
    const halfway = driver.group.write(() => insertThen(50, changeMyMind), "lane");
    const results = await Promise.allSettled([add(1), halfway, add(1), add(2, "other")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: new RangeError("changed my mind") });
    expect(results[2]).toMatchObject({ reason: { code: "23505" } });
    expect(await stored()).toEqual([1, 2]);
  });

  test("what is not waited for and fails undoes its call alone, with its own error", async () => {
    await add(1);
    const put = driver.group.write(function* () {
      yield* insert.put(10);
      yield* insertOrphan.put(1);
      return "not waited for";
    });
    const later = driver.group.write(function* () {
      yield* insert.put(1);
      return yield* count.get();
    }, "lane");
    const results = await Promise.allSettled([put, add(2), later]);
    expect(results[0]).toMatchObject({ status: "rejected", reason: { code: "23505" } });
    expect(results[1]).toMatchObject({ status: "fulfilled" });
    expect(results[2]).toMatchObject({ status: "rejected", reason: { code: "23505" } });
    expect(await stored()).toEqual([1, 2]);
  });

  test("of works side by side of which one fails nothing is left, whatever the others are at", async () => {
    function* manyFrom(from: number): Work<number> {
      for (let n = from; n < from + 10; n++) yield* insert.run(n);
      return from;
    }
    const call = driver.group.write(() =>
      together([manyFrom(100), insertThen(1, changeMyMind), manyFrom(200)]),
    );
    const results = await Promise.allSettled([call, add(2), add(3, "lane")]);
    expect(results[0]).toMatchObject({ reason: new RangeError("changed my mind") });
    await add(4);
    expect(await stored()).toEqual([2, 3, 4]);
    expect(await query(STILL_OPEN)).toEqual([]);
  });

  test("what met another's transaction is begun anew, until it goes through", async () => {
    const met = driver.group.write(() => fails.get({ code: "40P01", times: 4 }));
    // Once among all, once in its savepoint, then by itself: the fifth time it goes through.
    expect(await Promise.all([add(1), met, add(2)])).toEqual([1, 5, 2]);
    expect(await stored()).toEqual([1, 2]);
  });

  test.each([
    [
      "40001",
      7,
      { code: "ledger_unavailable", message: expect.stringContaining("other relays write the same") },
    ],
    ["40P01", 7, { code: "ledger_unavailable" }],
    ["23505", 7, { code: "23505" }],
    [
      "55P03",
      2,
      { code: "ledger_unavailable", message: expect.stringContaining("holds a lock for too long") },
    ],
    ["22012", 2, { code: "22012" }],
  ])("what always fails with %s is tried %i times", async (code, tries, reason) => {
    const failing = driver.group.write(() => fails.get({ code, times: ALWAYS }));
    const results = await Promise.allSettled([add(1), failing]);
    expect(results).toMatchObject([{ value: 1 }, { reason }]);
    expect(await query("SELECT last_value::int AS tries FROM tries")).toEqual([{ tries }]);
    expect(await stored()).toEqual([1]);
  });

  test("when several have waited in vain, the others of their transaction are refused with them", async () => {
    const calls = upTo(5).map(() => driver.group.write(() => fails.get({ code: "55P03", times: ALWAYS })));
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ reason: { code: "ledger_unavailable" } });
    }
    // The first of all, then two in their savepoints.
    expect(await query("SELECT last_value::int AS tries FROM tries")).toEqual([{ tries: 3 }]);
    expect(await add(9)).toBe(9);
  });

  test("when the commit itself fails nobody is told otherwise, and the next ones work", async () => {
    const orphan = driver.group.write(() => insertOrphan.run(9));
    const results = await Promise.allSettled([add(1), orphan, add(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ledger_unavailable" } });
    }
    expect(await stored()).toEqual([]);
    expect(await add(3)).toBe(3);
    expect(await stored()).toEqual([3]);
  });

  test("others are to be told of each transaction that has changed something, and of no other", async () => {
    await Promise.all([add(1), add(2)]);
    expect(driver.written()).toBe(1);
    await driver.group.write(() => count.get());
    await driver.group.write(() => remove.run(404));
    expect(driver.written()).toBe(1);
    await driver.group.write(() => remove.put(1));
    expect(driver.written()).toBe(2);
  });

  test("two relays that lock the same in another order both come through", async () => {
    await Promise.all([add(1), add(2)]);
    const other = openDriver(url());
    const addTo = ({ group }: Opened, order: readonly number[]): Promise<void> =>
      group.write(function* () {
        for (const n of order) {
          yield* lockRow.get(n);
          yield* waitForGate.get();
        }
      });
    await query("SELECT pg_advisory_lock(7)");
    const both = Promise.all([addTo(driver, [1, 2]), addTo(other, [2, 1])]);
    await until(async () => (await query("SELECT 1 FROM pg_locks WHERE NOT granted")).length === 2);
    await query("SELECT pg_advisory_unlock(7)");
    await both;
    const all = [...driver.commands, ...other.commands];
    expect(all.filter((command) => command === "ROLLBACK")).toHaveLength(1);
    expect(all.filter((command) => command === "COMMIT").length).toBe(3);
    await other.close();
  });

  test("a connection that is lost in the middle fails all of its transaction, and nothing after it", async () => {
    const calls = [add(1), driver.group.write(() => sleep.get()), add(2, "lane"), add(3)];
    const results = Promise.allSettled(calls);
    await until(async () => (await query(END_SLEEPING)).length > 0);
    for (const result of await results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ledger_unavailable" } });
    }
    expect(await add(4)).toBe(4);
    expect(await stored()).toEqual([4]);
  });

  test("closing commits what waits, and refuses what comes later", async () => {
    const waiting = Promise.all(upTo(600).map((n) => add(n)));
    const closing = driver.group.close();
    await expect(add(999)).rejects.toMatchObject({ code: "ledger_unavailable" });
    await closing;
    expect(await stored()).toEqual(upTo(600));
    await waiting;
  });
});

const lockRow = prepare<[number]>("SELECT n FROM numbers WHERE n = ? FOR UPDATE");
const waitForGate = prepare("SELECT 1 FROM (SELECT pg_advisory_xact_lock_shared(7)) AS passed");
const sleep = prepare("SELECT 1 FROM (SELECT pg_sleep(60)) AS slept");
const END_SLEEPING = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = 'goodcom-relay' AND wait_event = 'PgSleep'`;
const remove = prepare<[number]>("DELETE FROM numbers WHERE n = ?");
const STILL_OPEN = `SELECT state, query FROM pg_stat_activity
  WHERE application_name = 'goodcom-relay' AND state LIKE 'idle in transaction%'`;
