import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

async function relay(...argv: string[]) {
  const fake = fakeCli({ kit: kitOn(house, { now: () => house.clock.now() }) });
  const code = await run(argv, { ...fake.cli, clock: house.clock });
  return { code, out: fake.out(), err: fake.err() };
}

const sends = (out: string): number[] => [...out.matchAll(/\bsend (\d+)\b/g)].map(([, n]) => Number(n));

test("show has the newest twenty and says how to see the others", async () => {
  house.cloud.script({ kind: "unavailable", http_status: 503 });
  const ids = [await house.cancel("1001"), await house.cancel("1002")];
  await house.clock.advance(1_100_000);
  const counts = await Promise.all(ids.map(async (id) => (await house.delivery(id)).attempt_count));
  const count = Math.max(...counts);
  const id = ids[counts.indexOf(count)] ?? "";
  const { out } = await relay("deliveries", "show", id);
  expect(sends(out)).toEqual(Array.from({ length: 20 }, (_, k) => count - 19 + k));
  expect(out).toContain(`those before: relay deliveries attempts ${id}`);

  const newest = await relay("deliveries", "attempts", id);
  expect(newest).toMatchObject({ code: 0 });
  expect(sends(newest.out)).toEqual(Array.from({ length: 50 }, (_, k) => count - k));
  expect(newest.err).toContain("the newest 50; there may be more: --limit");

  const all = await relay("deliveries", "attempts", id, "--limit", "1000", "--json");
  const { items } = JSON.parse(all.out) as { items: { number: number; http_status: number }[] };
  expect(items.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, k) => count - k));
  expect(count).toBeGreaterThan(200);
  expect(items[0]).toMatchObject({ http_status: 503, outcome: "unavailable" });
  expect(all.err).toBe("");
});

test("one that was not tried yet has none, and an order that is unknown none either", async () => {
  house.cloud.script({ kind: "unavailable", http_status: 503 });
  const [, waiting] = [await house.cancel("1001"), await house.cancel("1002")];
  expect(await relay("deliveries", "attempts", waiting)).toMatchObject({
    code: 0,
    out: "no attempt is kept\n",
  });
  expect(await relay("deliveries", "attempts", "9999")).toMatchObject({ code: 1, out: "" });
});
