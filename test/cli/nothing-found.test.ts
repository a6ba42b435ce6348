import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
  await house.cancel("1001");
});
afterEach(() => house.close());

async function relay(words: string) {
  const fake = fakeCli({ kit: kitOn(house) });
  const code = await run(words.split(" "), { ...fake.cli, clock: house.clock });
  return { code, err: fake.err() };
}

test.each([
  ["deliveries list --store noodlebar", "store noodlebar"],
  ["deliveries list --printer kichen --json", "printer kichen"],
  ["webhooks list --store noodlebar", "store noodlebar"],
  ["deliveries redrive --state dead --since 2h --store noodlebar --dry-run", "store noodlebar"],
  ["webhooks replay --since 2h --until 0h --store noodlebar", "store noodlebar"],
])("bug: %j, with a name that nothing has, looked as if all were well", async (words, name) => {
  const [noun] = name.split(" ");
  expect(await relay(words)).toEqual({
    code: 0,
    err: `note: no ${name} is configured now; see relay ${noun ?? ""}s list\n`,
  });
});

test("bug: nothing said that a time was given the wrong way round", async () => {
  for (const words of ["deliveries list --since 1h --until 2h", "webhooks replay --since 1h --until 2h"])
    expect((await relay(words)).err).toBe("note: --since is later than --until, so nothing can match\n");
});

test("where something is found, or the names are right, nothing is said", async () => {
  for (const words of [
    "deliveries list --store noodle-bar",
    "deliveries list --state dead --store noodle-bar",
  ])
    expect(await relay(words)).toEqual({ code: 0, err: "" });
});
