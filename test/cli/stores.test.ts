import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import type { StoreSettings } from "../../src/core/settings.ts";
import { createHouse, SETTINGS, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

const HOUR_MS = 3_600_000;
let house: House;
let serviceRuns: boolean;

beforeEach(async () => {
  house = await createHouse();
  serviceRuns = true;
});
afterEach(() => house.close());

async function relay(...argv: string[]) {
  const fake = fakeCli({ kit: kitOn(house, { serviceRunning: () => Promise.resolve(serviceRuns) }) });
  const code = await run(argv, { ...fake.cli, clock: house.clock });
  return { code, out: fake.out(), err: fake.err() };
}

function give(name: string, more: Partial<StoreSettings>): Promise<string> {
  const seen = SETTINGS.stores.find((store) => store.name === name);
  if (seen === undefined) throw new Error(name);
  return house.relay.changeSettings({ kind: "store", name, seen, to: { ...seen, ...more } }, "operator");
}

test("a store's test goes to paper, and what the cloud and the public address say is told", async () => {
  const running = relay("stores", "test", "noodle-bar");
  await house.clock.advance(1_000);
  const { code, out, err } = await running;
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^public {4}a house of tests$/m);
  expect(out).toMatch(/^state {5}accepted$/m);
  expect(house.cloud.sent[0]?.request.order.order_txt).toContain("TEST");
});

test("one that the printer has confirmed by the first look came out", async () => {
  const running = relay("stores", "test", "noodle-bar");
  await house.clock.settle();
  const [{ id } = { id: "" }] = await house.ledger.listDeliveries({ limit: 1 });
  const confirmation = { verdict: "accepted", message: null, time: null } as const;
  await house.relay.confirm(id, house.callbackToken(id), { confirmation, raw: "{}" });
  await house.clock.advance(1_000);
  expect(await running).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^state {5}printed$/m) as string,
  });
});

test("as JSON, with its exit code, when the cloud refuses it", async () => {
  house.cloud.script("rejected");
  const running = relay("stores", "test", "noodle-bar", "--json");
  await house.clock.advance(1_000);
  const { code, out, err } = await running;
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    delivery: { kind: "test", store: "noodle-bar", state: "dead" },
    public_address: { result: "this_machine" },
  });
  expect(err).toContain("relay printers test kitchen");
});

test("is refused where nothing would come of it", async () => {
  expect((await relay("stores", "test", "nowhere")).err).toContain("no store nowhere");
  await give("noodle-bar", { secrets: [] });
  expect((await relay("stores", "test", "noodle-bar")).err).toContain("no secret that is valid now");
  serviceRuns = false;
  const { code, err } = await relay("stores", "test", "tee-shop");
  expect([code, err]).toMatchObject([1, expect.stringContaining("no service is running")]);
  expect(await house.ledger.listDeliveries({ limit: 1 })).toEqual([]);
});

test("the list tells how many secrets are valid and when one stops, never which", async () => {
  const until = Date.UTC(2027, 0, 15, 9, 0, 0);
  await give("noodle-bar", { secrets: ["MARKED-new", { value: "MARKED-old", valid_until: until }] });
  const { out } = await relay("stores", "list");
  expect(out).toContain("2 secrets, one until 2027-01-15 09:00");
  const { out: json } = await relay("stores", "list", "--json");
  const told = (JSON.parse(json) as { items: { name: string }[] }).items.find(
    ({ name }) => name === "noodle-bar",
  );
  expect(told).toMatchObject({ secret_count: 2, next_expiry_at: "2027-01-15T09:00:00.000Z" });
  expect(out + json).not.toContain("MARKED");
  await house.clock.advance(until - house.clock.now() + HOUR_MS);
  expect((await relay("stores", "list")).out).toContain("1 secret ");
});
