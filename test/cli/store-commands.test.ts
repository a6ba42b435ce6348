import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createStage, type Stage } from "../stores/stage.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

// The commands with the acts themselves, at a store whose API is in memory.

let stage: Stage;
let serviceRuns: boolean;
beforeEach(async () => {
  stage = await createStage();
  serviceRuns = true;
});
afterEach(() => stage.close());

async function relay(...argv: string[]) {
  const fake = fakeCli({ kit: kitOn(stage.house, { serviceRunning: () => Promise.resolve(serviceRuns) }) });
  const code = await run(argv, { ...fake.cli, clock: stage.house.clock });
  return { code, out: fake.out(), err: fake.err() };
}
const cancel = (order: string, ...more: string[]) =>
  relay("cancel", "noodle-bar", order, "--reason", "Kitchen closed", ...more);

test("an order cancelled by the command is cancelled at the store, and its slip waits to be sent", async () => {
  stage.put("1001", null);
  serviceRuns = false;
  const { code, out, err } = await cancel("1001");
  expect(code).toBe(0);
  expect(out).toMatch(
    /^result {4}order 1001 is cancelled at noodle-bar\npaper {5}its slip is on its way\ndelivery {2}\w{26} is pending$/m,
  );
  expect(err).toContain("no service is running on this ledger");
  expect(stage.shops.shopline.orders.get("1001")).toMatchObject({ cancel_reason: "Kitchen closed" });
  await stage.house.clock.advance(0);
  expect(stage.house.cloud.sent.map(({ request }) => request.order.order_id)).toEqual(["1001"]);
});

test("one whose delivery is dead says how its slip is to be had, also beside JSON", async () => {
  stage.put("1001", 60);
  stage.house.cloud.script("rejected");
  const id = await stage.house.cancel("1001");
  const { code, out, err } = await cancel("1001", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    result: "already_cancelled",
    status: "duplicate",
    delivery_id: id,
  });
  expect(err).toContain(`relay deliveries redrive ${id}`);
});

test("what only SHOPLINE takes is refused elsewhere, in one line, before the store is asked", async () => {
  const { code, err } = await relay("cancel", "bakery", "7", "--reason", "x", "--no-restock");
  expect([code, err]).toEqual([
    1,
    "relay: store bakery: only SHOPLINE takes restock, email and amount with a cancellation; leave them out\n",
  ]);
  expect(stage.shops.shoplazza.asked).toEqual([]);
});

test("subscribing has the store call this relay; FastPOD's new token is in no output", async () => {
  const outputs = [await relay("subscribe", "tee-shop"), await relay("subscribe", "tee-shop", "--json")];
  expect(outputs.map(({ code }) => code)).toEqual([0, 0]);
  const [{ address } = { address: "" }] = stage.shops.fastpod.subscriptions;
  const token = address.split("/").at(-1) ?? "";
  expect(token).toMatch(/^[\w-]{43}$/);
  for (const { out, err } of outputs) {
    expect(out).toContain("/webhooks/fastpod/tee-shop/***");
    expect(out + err).not.toContain(token);
  }
  expect(outputs[0]?.out).toContain("result    made: ");
  expect(JSON.parse(outputs[1]?.out ?? "")).toMatchObject({ result: "existing" });
});

test("where a store calls one address only, another's is replaced when that is asked for", async () => {
  const theirs = { id: "sub-0", topic: "orders/cancelled", address: "https://other.example.com/hook" };
  stage.shops.shoplazza.subscriptions = [theirs];
  const { code, err } = await relay("subscribe", "bakery");
  expect([code, err]).toMatchObject([1, expect.stringContaining("give --replace")]);
  expect(stage.shops.shoplazza.subscriptions).toEqual([theirs]);
  expect((await relay("subscribe", "bakery", "--replace")).code).toBe(0);
  expect(stage.shops.shoplazza.subscriptions.map(({ id }) => id)).toEqual(["sub-1"]);
});

test("reconcile prints what no webhook brought, and leaves stores without an api alone", async () => {
  await stage.house.clock.advance(120_000);
  stage.put("1001", 60);
  stage.put("1002", null);
  const { code, out, err } = await relay("reconcile");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^noodle-bar: 1 found and being printed, 0 known \(1 listed since /m);
  expect(out).not.toContain("by-hand");
  const again = await relay("reconcile", "noodle-bar", "--json");
  expect(JSON.parse(again.out)).toMatchObject({ items: [{ found: 0, known: 1 }], failed: [] });
});

test("a store without an api cannot be asked: the line says what it lacks", async () => {
  for (const argv of [
    ["subscribe", "by-hand"],
    ["reconcile", "by-hand"],
    ["cancel", "by-hand", "1", "--reason", "x"],
  ]) {
    const { code, err } = await relay(...argv);
    expect([code, err]).toEqual([
      1,
      'relay: store by-hand has no "api": give it api.url and api.token, so that the relay can ask the store\n',
    ]);
  }
  expect((await relay("subscribe", "nowhere")).err).toBe(
    "relay: no store nowhere: see `relay stores list`\n",
  );
});
