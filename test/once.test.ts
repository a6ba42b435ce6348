import { afterEach, beforeEach, expect, test } from "vitest";
import type { ActResult } from "../src/ledger/ledger.ts";
import { createOnce } from "../src/once.ts";
import { createHouse, type House } from "./fakes/house.ts";
import { createManualClock } from "./fakes/manual-clock.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324";

async function slips(): Promise<number> {
  await house.clock.advance(1_000);
  return house.cloud.sent.length;
}

test("a reprint asked for twice under one key prints once, and says the same", async () => {
  const id = await house.cancel("1001");
  const first = await house.relay.reprint(id, "lost", "operator Ana", KEY);
  expect(await slips()).toBe(2);
  const again = await house.relay.reprint(id, "lost", "operator Bo", KEY);
  // As it was then: by now the cloud has taken it.
  expect(again).toEqual({ ...first, ticket: undefined });
  expect(again.state).toBe("pending");
  expect(await slips()).toBe(2);
});

test("also after a crash, and when both come at once", async () => {
  const id = await house.cancel("1001");
  const both = await Promise.all([
    house.relay.reprint(id, "lost", "operator", KEY),
    house.relay.reprint(id, "lost", "operator", KEY),
  ]);
  expect(new Set(both.map((one) => one.id)).size).toBe(1);
  await house.crash();
  expect((await house.relay.reprint(id, "lost", "operator", KEY)).id).toBe(both[0].id);
  const made = await house.ledger.listDeliveries({ limit: 9 });
  expect(made.filter(({ kind }) => kind === "reprint")).toHaveLength(1);
  // Else the same act under another key is another one.
  await house.relay.reprint(id, "lost", "operator", "another key");
  expect(await house.ledger.listDeliveries({ limit: 9 })).toHaveLength(3);
});

test("every act takes a key: redrive, test slip, replay", async () => {
  house.cloud.script("rejected", "accepted", "rejected");
  const id = await house.cancel("1001");
  expect((await house.relay.redrive(id, "operator", KEY)).state).toBe("pending");
  await house.clock.advance(1_000);
  // It was taken meanwhile, which would be a conflict.
  expect((await house.relay.redrive(id, "operator", KEY)).state).toBe("pending");
  await expect(house.relay.redrive(id, "operator")).rejects.toMatchObject({ code: "conflict" });
  const test = await house.relay.testSlip("kitchen", "cli ana", "t");
  expect((await house.relay.testSlip("kitchen", "cli ana", "t")).id).toBe(test.id);
  const [webhook] = await house.ledger.listWebhooks({ status: "accepted", limit: 1 });
  const receipt = await house.relay.replay(webhook?.id ?? "", "operator Ana", "r");
  expect(await house.relay.replay(webhook?.id ?? "", "operator Ana", "r")).toEqual(receipt);
  const history = (await house.ledger.findDelivery(id))?.history ?? [];
  expect(history.filter(({ by }) => by === "operator Ana")).toMatchObject([
    { note: "its webhook was replayed: nothing changed", at: house.clock.now() },
  ]);
});

test("a key that is used for anything else is refused", async () => {
  const id = await house.cancel("1001");
  await house.relay.reprint(id, "lost", "operator", KEY);
  for (const other of [
    house.relay.reprint(id, "burnt", "operator", KEY),
    house.relay.testSlip("kitchen", "operator", KEY),
    house.relay.replay("nothing", "operator", KEY),
  ]) {
    await expect(other).rejects.toMatchObject({ code: "key_reused" });
  }
  expect(await slips()).toBe(2);
});

test("what was refused did nothing, and may be asked for again under its key", async () => {
  house.cloud.script("unavailable", "rejected", "accepted");
  const id = await house.cancel("1001");
  await expect(house.relay.redrive(id, "operator", KEY)).rejects.toMatchObject({ code: "conflict" });
  await house.clock.advance(10_000);
  expect(await house.delivery(id)).toMatchObject({ state: "dead" });
  expect((await house.relay.redrive(id, "operator", KEY)).state).toBe("pending");
});

test("who asks while the first is under way gets its answer, or is told to ask again", async () => {
  const clock = createManualClock();
  let finish: (result: ActResult) => void = () => undefined;
  let begun = 0;
  const act = (): Promise<ActResult> => {
    begun++;
    return new Promise((resolve) => (finish = resolve));
  };
  const ledger = { ...house.ledger, findAct: () => Promise.resolve(null) };
  const once = createOnce({ ledger, clock });
  const first = once(KEY, ["reprint"], act);
  const second = once(KEY, ["reprint"], act);
  const tooLong = expect(second).rejects.toMatchObject({ code: "repeated" });
  await expect(once(KEY, ["redrive"], act)).rejects.toMatchObject({ code: "key_reused" });
  await clock.advance(2_000);
  await tooLong;
  const third = once(KEY, ["reprint"], act);
  const receipt = { status: "ignored", webhook_id: "W", delivery_id: null, reason: null } as const;
  finish({ receipt });
  expect(await Promise.all([first, third])).toEqual([{ receipt }, { receipt }]);
  expect(begun).toBe(1);
});
