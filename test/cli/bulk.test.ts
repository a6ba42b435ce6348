import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
  serviceRuns = true;
});
afterEach(() => house.close());

interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Begins one command on the house's ledger; its pauses pass with the house's clock. */
let serviceRuns = true;
function begin(argv: string[], terminal = false): { ran: Promise<Ran>; signal: () => void } {
  const kit = kitOn(house, { serviceRunning: () => Promise.resolve(serviceRuns) });
  const fake = fakeCli({ kit, ...(terminal ? { columns: 80 } : {}) });
  if (terminal) Object.assign(fake.cli.stderr, { isTTY: true, columns: 80 });
  const running = run(argv, { ...fake.cli, clock: house.clock });
  return { ran: running.then((code) => ({ code, out: fake.out(), err: fake.err() })), signal: fake.signal };
}

async function relay(...argv: string[]): Promise<Ran> {
  const { ran } = begin(argv);
  await house.clock.advance(1_000);
  return ran;
}

/** So many orders that the cloud refuses. @returns their deliveries, oldest first */
async function deadOnes(count: number, from = 1): Promise<string[]> {
  house.cloud.script(...Array.from({ length: count }, () => "rejected" as const));
  const ids: string[] = [];
  for (let n = from; n < from + count; n++) ids.push(await house.cancel(`order-${n}`));
  house.cloud.script("accepted");
  return ids;
}

async function redrivenBy(id: string): Promise<string[]> {
  const history = (await house.ledger.findDelivery(id))?.history ?? [];
  return history.filter(({ note }) => note === "redriven").map(({ by }) => by);
}

describe("deliveries redrive", () => {
  test.each([
    [
      [],
      /give the id of a delivery or an order's number, or --state dead and --since <time>; see: relay deliveries redrive --help/,
    ],
    [["--state", "dead"], /give the id of a delivery or an order's number, or --state dead and --since/],
    [["--since", "2h"], /give the id of a delivery or an order's number, or --state dead and --since/],
    [["01J", "--state", "dead", "--since", "2h"], /not both/],
    [["01J", "--dry-run"], /not both/],
    [["--state", "pending", "--since", "2h"], /Give one of dead/],
  ])("%j is wrong usage", async (options, words) => {
    const { code, err } = await relay("deliveries", "redrive", ...options);
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });

  test("a dry run counts, by store and printer, and does nothing", async () => {
    const ids = await deadOnes(3);
    const argv = ["deliveries", "redrive", "--state", "dead", "--since", "1h", "--dry-run"];
    const { code, out, err } = await relay(...argv);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^store +printer +deliveries\nnoodle-bar +kitchen +3\nwould redrive 3 dead deliveries, created /,
    );
    const json = JSON.parse((await relay(...argv, "--json")).out) as unknown;
    expect(json).toEqual({
      dry_run: true,
      matched: 3,
      by: [{ store: "noodle-bar", printer: "kitchen", deliveries: 3 }],
    });
    for (const id of ids) expect(await house.delivery(id)).toMatchObject({ state: "dead" });
  });

  test("all that are dead go out again, those of other stores and times do not", async () => {
    const [old] = await deadOnes(1);
    house.clock.jump(7_200_000);
    const young = await deadOnes(2, 2);
    const since = ["--state", "dead", "--since", "1h"];
    const other = await relay("deliveries", "redrive", ...since, "--store", "cocktails");
    expect(other.out).toBe("nothing of 0 dead deliveries\n");
    const { code, out, err } = await relay("deliveries", "redrive", ...since, "--store", "noodle-bar");
    expect([code, out]).toEqual([0, "2 redriven of 2 dead deliveries\n"]);
    expect(err).toBe("redriving 2 dead deliveries, oldest first; Ctrl-C stops\n");
    for (const id of young) {
      expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
      expect(await redrivenBy(id)).toEqual(["cli ana"]);
    }
    expect(await house.delivery(old ?? "")).toMatchObject({ state: "dead" });
  });

  test("Ctrl-C ends it after a batch; run again it does the rest, and none twice", async () => {
    const ids = await deadOnes(120);
    const argv = ["deliveries", "redrive", "--state", "dead", "--since", "1h"];
    const { ran, signal } = begin(argv, true);
    await house.clock.settle();
    signal();
    await house.clock.advance(20);
    const { code, out, err } = await ran;
    expect([code, out]).toEqual([1, "50 redriven of 120 dead deliveries\n"]);
    expect(err).toContain("\r\u001b[K[############------------------]   41 %  50 of 120 redriven");
    expect(err).toMatch(/relay: stopped: 50 of 120 were done; run the same command again for the rest\n$/);
    const again = await relay(...argv, "--json");
    expect(JSON.parse(again.out)).toEqual({
      dry_run: false,
      matched: 70,
      came_to: { redriven: 70 },
      finished: true,
    });
    for (const id of ids) expect(await redrivenBy(id)).toHaveLength(1);
  });
});

test("bug: redrive of all that are dead printed those again whose reprint had printed", async () => {
  const [first = "", second = ""] = await deadOnes(2);
  const reprint = await house.relay.reprint(first, "lost", "cli");
  await house.clock.advance(1_000);
  const argv = ["deliveries", "redrive", "--state", "dead", "--since", "1h"];
  const dry = await relay(...argv, "--dry-run", "--json");
  const { id: by } = reprint;
  expect(JSON.parse(dry.out)).toMatchObject({
    matched: 1,
    reprinted: [{ id: first, by, state: "accepted", slip: "reprint 1" }],
  });
  const { out, err } = await relay(...argv);
  expect(out).toBe("1 redriven of 1 dead deliveries\n");
  expect(err).toContain(
    "left alone 1 of which another slip has printed or is on its way: #order-1 (reprint 1: accepted)\n",
  );
  expect(await redrivenBy(first)).toEqual([]);
  expect(await redrivenBy(second)).toEqual(["cli ana"]);
});

describe("webhooks replay", () => {
  test.each([
    [[], /give the id of a webhook, or --since <time> and --until <time>/],
    [["--since", "2h"], /give the id of a webhook, or --since <time> and --until <time>/],
    [["01J", "--since", "2h", "--until", "1h"], /not both/],
  ])("%j is wrong usage", async (options, words) => {
    const { code, err } = await relay("webhooks", "replay", ...options);
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });

  test("those without a delivery are read once more, and come to what they are now", async () => {
    await house.cancel("1001");
    await house.webhook("noodle-bar", { id: "7", name: "#7" });
    await house.webhook("tee-shop", { data: { id: "FAS-9", order_status: "in_production" } });
    await house.clock.advance(1_000);
    const span = ["--since", "1h", "--until", "0s"];
    const dry = await relay("webhooks", "replay", ...span, "--dry-run", "--json");
    expect(JSON.parse(dry.out)).toMatchObject({ dry_run: true, matched: 2 });
    const { code, out } = await relay("webhooks", "replay", ...span);
    expect([code, out]).toEqual([0, "2 webhooks came to: 2 ignored\n"]);
    const accepted = await relay("webhooks", "replay", ...span, "--status", "accepted");
    expect(accepted.out).toBe("1 webhooks came to: 1 duplicate\n");
    await house.cancel("1001");
    await house.clock.advance(1_000);
    const duplicates = await relay("webhooks", "replay", ...span, "--status", "duplicate");
    expect(duplicates.out).toBe("1 webhooks came to: 1 refused\n");
    expect(house.cloud.sent).toHaveLength(1);
  });
});

test("where no service runs, whoever has something sent hears that it waits for one", async () => {
  const [id = ""] = await deadOnes(1);
  await house.webhook("cocktails", { id: "7", name: "#7", cancelled_at: "2026-01-01T00:00:00Z" });
  const seen = (await house.ledger.settings()).stores.find(({ name }) => name === "cocktails");
  if (seen === undefined) throw new Error("no cocktails");
  const to = { ...seen, ignore_older_than_s: null };
  await house.relay.changeSettings({ kind: "store", name: "cocktails", seen, to }, "operator");
  await house.clock.advance(1_000);
  const acts = [
    ["webhooks", "replay", "--since", "1h", "--until", "0s"],
    ["deliveries", "redrive", "--state", "dead", "--since", "1h"],
    ["deliveries", "reprint", id, "--reason", "lost"],
  ];
  serviceRuns = false;
  for (const act of acts) expect((await relay(...act)).err).toContain("no service is running on this ledger");
});
