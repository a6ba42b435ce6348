import { describe, expect, test } from "vitest";
import { storeTurn as turnOf, type RefusedRounds } from "../../../src/observe/alerts/store-matters.ts";
import type { RelayEvent } from "../../../src/observe/events.ts";

type Checked = Extract<RelayEvent, { event: "subscription.checked" }>;

function checked(result: Checked["result"], api: Checked["api"] = "answered"): Checked {
  return { event: "subscription.checked", store: "tea", result, detail: "why", api };
}
type Reconciled = Extract<RelayEvent, { event: "store.reconciled" }>;

function reconciled(api: Checked["api"], more: Partial<Reconciled> = {}): Reconciled {
  return {
    ...{ event: "store.reconciled", store: "tea", since: "2026-11-01T00:00:00.000Z", by: "relay" },
    ...{ listed: 0, known: 0, found: 0, quarantined: 0, surplus: null, duration_ms: 1, api },
    detail: api === "answered" ? "" : "401",
    ...more,
  };
}
/** Of a process that has met no refusal yet, unless told. */
function storeTurn(
  event: Parameters<typeof turnOf>[0],
  isOpen: (matter: string) => boolean,
  rounds: RefusedRounds = new Map(),
): ReturnType<typeof turnOf> {
  return turnOf(event, isOpen, rounds);
}
const open =
  (...matters: string[]): ((matter: string) => boolean) =>
  (matter) =>
    matters.includes(matter);

describe("a store's API", () => {
  test("that refuses the token is one matter of the store, whichever act meets it", () => {
    const first = storeTurn(reconciled("refused"), open());
    expect(first?.raise).toMatchObject({
      type: "api.refused",
      matter: "api.refused tea",
      store: "tea",
      reason: "401",
    });
    expect(storeTurn(reconciled("refused"), open("api.refused tea"))).toBeNull();
    expect(storeTurn(checked("failed", "refused"), open("api.refused tea"))).toBeNull();
  });

  test("that is away is another, and both end when it answers", () => {
    expect(storeTurn(checked("failed", "unavailable"), open())?.raise?.matter).toBe("api.lost tea");
    expect(storeTurn(reconciled("answered"), open("api.refused tea", "api.lost tea"))).toEqual({
      close: [
        { matter: "api.refused tea", ended: "it answers again" },
        { matter: "api.lost tea", ended: "it answers again" },
      ],
    });
    expect(storeTurn(reconciled("answered"), open())).toBeNull();
  });
});

test("regression: a list that is refused was told once and never again, ended by each look at the subscription", () => {
  const [refused, rounds] = ["api.refused tea", new Map()];
  expect(storeTurn(reconciled("refused"), open(), rounds)?.raise?.matter).toBe(refused);
  expect(storeTurn(checked("in_place"), open(refused), rounds)).toBeNull();
  expect(storeTurn(reconciled("refused"), open(refused), rounds)).toBeNull();
  expect(storeTurn(checked("in_place"), open(refused, "api.lost tea"), rounds)?.close).toHaveLength(1);
  expect(storeTurn(reconciled("answered"), open(refused), rounds)?.close).toMatchObject([
    { matter: refused },
  ]);
  expect(storeTurn(checked("in_place"), open(refused), rounds)?.close).toMatchObject([{ matter: refused }]);
});

describe("a run", () => {
  test("that fails while the API answers else is a matter that only a run which ends well closes", () => {
    const undone = "store.unreconciled tea";
    for (const failing of [reconciled("unavailable"), reconciled("answered", { detail: "it said 400" })]) {
      expect(storeTurn(failing, open())?.raise?.matter).toBe(undone);
      expect(storeTurn(failing, open(undone))).toBeNull();
    }
    expect(storeTurn(checked("in_place"), open(undone))).toBeNull();
    expect(storeTurn(reconciled("answered"), open(undone))?.close).toEqual([
      { matter: undone, ended: "a run has ended well" },
    ]);
  });

  test("and a look at the subscription tell an API that is away once", () => {
    expect(storeTurn(reconciled("unavailable"), open("api.lost tea"))).toBeNull();
    expect(storeTurn(checked("failed", "unavailable"), open("store.unreconciled tea"))).toBeNull();
  });

  test("that is given more than it takes is told at once, and over when one has ended well", () => {
    const flooded = reconciled("answered", { surplus: "found", detail: "many" });
    expect(storeTurn(flooded, open())?.raise).toMatchObject({ type: "store.flooding", reason: "many" });
    expect(storeTurn(flooded, open("store.flooding tea"))).toBeNull();
    expect(storeTurn(reconciled("unavailable"), open("store.flooding tea"))?.close).toBeUndefined();
    expect(storeTurn(reconciled("answered"), open("store.flooding tea"))?.close).toHaveLength(1);
  });
});

describe("a subscription", () => {
  test.each(["restored", "gone", "moved"] as const)("that is %s is told once", (result) => {
    expect(storeTurn(checked(result), open())?.raise).toMatchObject({
      ...{ type: "subscription.gone", matter: "subscription.gone tea", store: "tea", reason: "why" },
    });
    expect(storeTurn(checked(result), open("subscription.gone tea"))).toBeNull();
  });

  test("that is found in place ends it", () => {
    expect(storeTurn(checked("in_place"), open("subscription.gone tea"))?.close).toEqual([
      { matter: "subscription.gone tea", ended: "it is in place" },
    ]);
    expect(storeTurn(checked("in_place"), open())).toBeNull();
  });

  test.each(["unseen", "failed"] as const)("that is %s is nobody's matter", (result) => {
    expect(storeTurn(checked(result), open())).toBeNull();
  });

  test("restored by an API that had refused closes the one and raises the other", () => {
    const turn = storeTurn(checked("restored"), open("api.refused tea"));
    expect(turn?.raise?.matter).toBe("subscription.gone tea");
    expect(turn?.close?.map(({ matter }) => matter)).toEqual(["api.refused tea"]);
  });
});

test("an order that the API knows nothing of is the store's matter, once it is void, until it knows one", () => {
  const verified = {
    event: "delivery.verified",
    delivery: "01JD",
    order: "FAS-1",
    store: "tea",
    result: "not_cancelled",
    api: "answered",
    detail: "FastPOD has no such order",
    next_attempt_at: null,
    duration_ms: 1,
  } as const;
  const [unknown, matter] = [{ ...verified, order_unknown: true }, "api.stranger tea"];
  // A store's API may lag behind its own webhook: it is asked once more.
  expect(storeTurn({ ...unknown, state: "verifying" }, open())).toBeNull();
  expect(storeTurn({ ...unknown, state: "void" }, open())?.raise).toMatchObject({ matter, store: "tea" });
  expect(storeTurn({ ...unknown, state: "void" }, open(matter))).toBeNull();
  expect(storeTurn({ ...verified, order_unknown: false, state: "void" }, open())).toBeNull();
  const away = { ...verified, order_unknown: false, api: "unavailable", state: "verifying" } as const;
  expect(storeTurn(away, open(matter, "api.lost tea"))).toBeNull();
  expect(storeTurn({ ...verified, order_unknown: false, state: "void" }, open(matter))).toEqual({
    close: [{ matter, ended: "it knows an order again" }],
  });
  // A webhook about an order that never was is no lasting matter.
  expect(storeTurn(reconciled("answered", { known: 1 }), open(matter))?.close).toEqual([
    { matter, ended: "its list has orders that are known here" },
  ]);
  expect(storeTurn(reconciled("answered"), open(matter))).toBeNull();
});
