import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/http/limits.ts";
import { createReadiness, type Readiness } from "../../src/http/readiness.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";
import { createBench, ledgerDown } from "./fakes.ts";

/** A ledger that another process has locked answers late. */
function open(): { readiness: Readiness; clock: ManualClock; pings: PromiseWithResolvers<undefined>[] } {
  const clock = createManualClock();
  const pings: PromiseWithResolvers<undefined>[] = [];
  const ping = (): Promise<undefined> => {
    const answer = Promise.withResolvers<undefined>();
    pings.push(answer);
    return answer.promise;
  };
  const ledger = { ...createBench().deps.ledger, ping };
  return { readiness: createReadiness({ ledger, clock }, DEFAULT_LIMITS), clock, pings };
}

describe("whether the ledger can store", () => {
  test("a page waits a moment, and then tells what was found before", async () => {
    const { readiness, clock, pings } = open();
    const seen = async (): Promise<boolean> => {
      const answer = readiness.seemsReady();
      await clock.advance(DEFAULT_LIMITS.readyPageMs);
      return answer;
    };
    expect(await seen()).toBe(true);
    expect(await seen()).toBe(true);
    await clock.advance(2_000);
    expect(await seen()).toBe(true);
    // One look is under way all the time: no others stand in line behind it.
    expect(pings).toHaveLength(1);
    pings[0]!.reject(ledgerDown());
    await clock.settle();
    expect(await seen()).toBe(false);
    expect(pings).toHaveLength(2);
    pings[1]!.resolve(undefined);
    await clock.advance(DEFAULT_LIMITS.readyCacheMs);
    expect(await seen()).toBe(true);
  });

  test("a page that is answered at once leaves nothing behind", async () => {
    const { readiness, clock, pings } = open();
    const answer = readiness.seemsReady();
    pings[0]!.reject(ledgerDown());
    expect(await answer).toBe(false);
    await clock.advance(DEFAULT_LIMITS.readyMs);
    expect(pings).toHaveLength(1);
  });

  test("a probe waits for what comes of it, and takes silence for no", async () => {
    const { readiness, clock } = open();
    const answer = readiness.isReady();
    await clock.advance(DEFAULT_LIMITS.readyMs);
    expect(await answer).toBe(false);
  });
});
