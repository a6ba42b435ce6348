import { expect, test } from "vitest";
import { createSilenceWatch } from "../../../src/observe/alerts/silence.ts";
import type { Turn } from "../../../src/observe/alerts/turn.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 2);

/** A store that has never been silent for more than five hours, and was heard of `lastMs` ago. */
function watch(lastMs: number, webhooks = 20, shared = false) {
  const open = new Set<string>();
  const asked: string[] = [];
  const told = { last_at: NOW - lastMs };
  const silences = Array.from({ length: 40 }, (_, n) => ({
    from: NOW - 20 * 24 * HOUR + n * 6 * HOUR,
    until: NOW - 20 * 24 * HOUR + (n * 6 + 5) * HOUR,
  }));
  const ledger = {
    rhythmOf(store: string) {
      asked.push(store);
      return Promise.resolve({ webhooks, last_at: told.last_at, silences });
    },
  };
  const silence = createSilenceWatch({
    ...{ ledger, startedAt: NOW, leadership: { shared } },
    isOpen: (matter) => open.has(matter),
  });
  return { silence, open, asked, told };
}

const raised = (turns: readonly Turn[]): string[] => turns.flatMap(({ raise }) => raise?.reason ?? []);

test("silent for twice its longest habit: raised once, an hour after the start at the earliest", async () => {
  const { silence, open } = watch(10 * HOUR);
  expect(await silence.look(["tea"], NOW + HOUR - 1)).toEqual([]);
  const turns = await silence.look(["tea"], NOW + HOUR);
  expect(raised(turns)).toEqual([
    "no webhook for 11 h, and it was never silent for more than about 5 h: is its webhook still registered, does its address lead here?",
  ]);
  open.add("store.silent tea");
  expect(await silence.look(["tea"], NOW + 2 * HOUR)).toEqual([]);
  expect(silence.heard("tea", NOW + 3 * HOUR)?.close).toEqual([
    { matter: "store.silent tea", ended: "it has sent a webhook" },
  ]);
  open.clear();
  expect(await silence.look(["tea"], NOW + 12 * HOUR)).toEqual([]);
  expect(raised(await silence.look(["tea"], NOW + 14 * HOUR))).toHaveLength(1);
});

test("silent for less than that, or without a habit: nothing", async () => {
  expect(await watch(8 * HOUR).silence.look(["tea"], NOW + HOUR)).toEqual([]);
  expect(await watch(99 * HOUR, 19).silence.look(["tea"], NOW + HOUR)).toEqual([]);
});

test("a store that was taken out of the settings is missed by nobody", async () => {
  const { silence } = watch(10 * HOUR);
  await silence.look(["tea"], NOW);
  expect(await silence.look([], NOW + HOUR)).toEqual([]);
});

test("the habits of many stores are learned a few at a time, and once a day", async () => {
  const { silence, asked } = watch(HOUR);
  const stores = Array.from({ length: 25 }, (_, n) => `store-${n}`);
  for (let minute = 0; minute < 10; minute++) await silence.look(stores, NOW + minute * 60_000);
  expect(asked).toEqual(stores);
  await silence.look(stores, NOW + 25 * HOUR);
  expect(asked).toHaveLength(35);
});

test("what another relay has heard meanwhile is no silence", async () => {
  const { silence, told } = watch(10 * HOUR, 20, true);
  await silence.look(["tea"], NOW);
  told.last_at = NOW + HOUR / 2;
  expect(await silence.look(["tea"], NOW + HOUR)).toEqual([]);
  expect(await silence.look(["tea"], NOW + 10 * HOUR)).toEqual([]);
  expect(raised(await silence.look(["tea"], NOW + 11 * HOUR))).toHaveLength(1);
});
