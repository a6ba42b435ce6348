import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import { until } from "./process.ts";
import { openShop, prepareShop, type Shop } from "./shop.ts";

let shop: Shop;
afterEach(() => shop.close());

interface Listed {
  id: string;
  place: string;
  secrets: number;
}
const listed = async (): Promise<Listed[]> =>
  (JSON.parse((await shop.command("keys", "list", "--json")).stdout) as { items: Listed[] }).items;
const printed = async (): Promise<number> => {
  const { body } = await shop.api("/deliveries?state=printed&limit=200");
  return (body as { items: unknown[] }).items.length;
};
const slip = (order: string) => shop.cloud.slips.find(({ order_id }) => order_id === order);

test("webhooks all the while the key is turned: each is answered 200 and printed, and no restart is needed", async () => {
  shop = await openShop();
  const [old] = await listed();
  const statuses: number[] = [];
  const stop = new AbortController();
  const stream = (async () => {
    for (let n = 0; !stop.signal.aborted; n++)
      statuses.push((await shop.cancel("shopline", `s-${n}`)).status);
  })();
  await until(() => statuses.length > 5);
  expect(await shop.command("keys", "rotate")).toMatchObject({ code: 0 });
  expect(await shop.command("keys", "rotate")).toMatchObject({ code: 0 });
  const after = statuses.length;
  await until(() => statuses.length > after + 5);
  expect((await shop.command("apply", "stores.yaml")).code).toBe(0);
  stop.abort();
  await stream;
  expect(new Set(statuses)).toEqual(new Set([200]));
  await until(
    async () =>
      shop.cloud.slips.length >= statuses.length && (await printed()) >= Math.min(200, statuses.length),
  );
  expect(new Set(shop.cloud.slips.map(({ order_id }) => order_id)).size).toBe(statuses.length);
  const keys = await listed();
  expect(keys.map(({ place, secrets }) => [place, secrets])).toEqual([
    ["current", 4],
    ["older", 0],
    ["older", 0],
  ]);
  expect(keys[2]?.id).toBe(old?.id);
  expect(shop.relay.output()).not.toMatch(/ledger\.failed|cannot be opened/);
}, 60_000);

test("a slip sent before still confirms after; once its key is retired, no more", async () => {
  shop = await openShop({ confirm_after_ms: null });
  const [old] = await listed();
  for (const order of ["one", "two"]) await shop.cancel("shopline", order);
  await until(() => shop.cloud.slips.length === 2);
  const confirm = (order: string): Promise<number> =>
    fetch(`${slip(order)!.callback_url}?a=x&o=${order}&ak=Accepted&m=ok`).then(({ status }) => status);
  expect((await shop.command("keys", "rotate")).code).toBe(0);
  await shop.cancel("shopline", "three");
  await until(() => shop.cloud.slips.length === 3);
  expect(await confirm("one")).toBe(200);
  const retired = await shop.command("keys", "retire", old!.id);
  expect(retired).toMatchObject({ code: 0, stderr: expect.stringContaining("backups of before") });
  await until(async () => (await confirm("two")) === 404);
  await shop.cancel("shopline", "four");
  await until(() => shop.cloud.slips.length === 4);
  expect(await confirm("four")).toBe(200);
}, 60_000);

test("moved into the environment: its key, a restart, rotate, retire; the file is gone, and no key was shown", async () => {
  shop = await prepareShop();
  const file = `${shop.env.RELAY_DATABASE}.key`;
  const secret = readFileSync(file, "utf8").trim();
  const [old] = await listed();
  shop.env.RELAY_ENCRYPTION_KEY = "ab".repeat(32);
  await shop.open();
  const told = [];
  for (const args of [["rotate"], ["retire", old!.id, "--json"], ["list"], ["rotate"]]) {
    told.push(await shop.command("keys", ...args));
  }
  expect(told.map(({ code }) => code)).toEqual([0, 0, 0, 1]);
  expect(told[3]?.stderr).toMatch(
    /^relay: [^\n]*openssl rand -base64 32[^\n]*PREVIOUS|^relay: [^\n]*PREVIOUS[^\n]*\n$/,
  );
  expect(() => readFileSync(file)).toThrow(/ENOENT/);
  expect(JSON.stringify(told)).not.toContain(secret);
  expect(JSON.stringify(told)).not.toMatch(/(ab){5}/);
  expect((await shop.cancel("shopline", "after")).status).toBe(200);
}, 60_000);

test("a sealed row that was moved or changed is refused, also by rotate, and the service keeps what it had", async () => {
  shop = await openShop();
  const db = new Database(shop.env.RELAY_DATABASE);
  db.exec(
    "UPDATE stores SET secrets = (SELECT secrets FROM stores WHERE name = 'bakery') WHERE name = 'noodle-bar'",
  );
  db.close();
  const rotated = await shop.command("keys", "rotate");
  expect(rotated).toMatchObject({ code: 1, stderr: expect.stringContaining("stores/noodle-bar") });
  await until(() => shop.relay.output().includes("belongs to another row"));
  expect((await shop.cancel("shopline", "kept")).status).toBe(200);
}, 60_000);
