import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answered } from "../src/platforms/store-api.ts";
import type { AttemptOutcome } from "../src/core/delivery.ts";
import { RelayError } from "../src/core/errors.ts";
import type { SendResult } from "../src/goodcom/api.ts";
import { createHouse, type House, type OtherRelay } from "./fakes/house.ts";

/** Two relays on one ledger, the first of which leads. */
let house: House;
let first: OtherRelay;
let second: OtherRelay;
let askStore: () => Promise<Answered<Buffer>>;

beforeEach(async () => {
  askStore = () => Promise.resolve(house.orderAnswer);
  const getOrder = (): Promise<Answered<Buffer>> => askStore();
  house = await createHouse({ apis: { fastpod: { getOrder } as never } });
  await house.worker.stop(0);
  first = await house.another("first");
  second = await house.another("second");
});
afterEach(() => house.close());

/** What goes out by this relay from now on is answered when the test says so. */
function holdAnswers(relay: OtherRelay): (outcome: Partial<AttemptOutcome>) => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<SendResult>();
  const send = relay.cloud.send.bind(relay.cloud);
  let answer: Promise<SendResult> | undefined;
  relay.cloud.send = (request) => {
    answer = send(request);
    return promise;
  };
  return async (outcome) => {
    const said = await answer;
    if (said === undefined) throw new Error("nothing was sent");
    resolve({ ...said, outcome: { ...said.outcome, ...outcome } });
    await house.clock.settle();
  };
}

const told = ({ events }: OtherRelay): string[] => events.map(({ event }) => event);
const papers = ({ cloud }: OtherRelay): string[] => cloud.sent.map(({ request }) => request.order.order_txt);

describe("a relay that is held up between claiming a delivery and sending it", () => {
  test("past its lease: it sends nothing and writes nothing, and the other's slip is marked", async () => {
    const id = await claimedAndPaused();
    await house.clock.advance(80_000);
    expect(papers(first)).toEqual([]);
    expect(papers(second)).toHaveLength(1);
    expect(papers(second)[0]).toContain("MAY BE A REPEAT");
    const before = await house.ledger.findDelivery(id);
    expect(before?.delivery).toMatchObject({ state: "accepted", attempt_count: 2 });

    await first.goOn();
    await house.clock.advance(5_000);
    expect(papers(first)).toEqual([]);
    expect(told(first)).toContain("delivery.lease_lost");
    expect(await house.ledger.findDelivery(id)).toEqual(before);
  });

  test("for so long that the others take it for dead: likewise, and another sends well before its lease ends", async () => {
    const id = await claimedAndPaused();
    await house.clock.advance(15_000);
    expect(second.leadership.leads()).toBe(true);
    await first.goOn();
    expect(papers(first)).toEqual([]);
    expect(told(first)).toContain("delivery.lease_lost");
    await house.clock.advance(5_000);
    expect(first.leadership.isAlive()).toBe(true);
    expect(papers(second)).toHaveLength(1);
    await house.clock.advance(60_000);
    expect([...papers(first), ...papers(second)]).toHaveLength(1);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", may_be_repeat: true });
  });

  test("for a moment: it sends", async () => {
    const id = await claimedAndPaused();
    await house.clock.advance(5_000);
    await first.goOn();
    expect(papers(first)).toHaveLength(1);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", may_be_repeat: false });
  });

  test("bug: while nobody reached the ledger: its slip came when its lease ended, marked though nothing was sent", async () => {
    const id = await claimedAndPaused();
    second.pause();
    await house.clock.advance(15_000);
    await Promise.all([first.goOn(), second.goOn()]);
    // Until the next beat.
    await house.clock.advance(4_000);
    expect(told(first)).toContain("delivery.lease_lost");
    expect([...papers(first), ...papers(second)]).toHaveLength(1);
    const detail = await house.ledger.findDelivery(id);
    expect(detail?.delivery).toMatchObject({ state: "accepted", may_be_repeat: false, attempt_count: 1 });
    expect(detail?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([[1, "accepted"]]);
  });

  /** The first relay has claimed the order, and hears of nothing any more. */
  async function claimedAndPaused(): Promise<string> {
    second.pause();
    first.pauseOnClaim();
    const id = await house.cancel("1001");
    await house.clock.advance(1_000);
    await second.goOn();
    expect(await house.delivery(id)).toMatchObject({ state: "sending", attempt_count: 1 });
    return id;
  }
});

const order = { data: { id: "FAS-1", order_status: "cancelled" } };
const AT_ONCE = Promise.resolve(null);

describe("a claim whose answer is lost on its way", () => {
  /** The next claim of these is made, and fails. @param asked when a server that stood still does it */
  function loseClaim(state: "pending" | "verifying", asked = AT_ONCE): void {
    const claim = house.ledger.claim.bind(house.ledger);
    let isLost = false;
    vi.spyOn(house.ledger, "claim").mockImplementation(async (query) => {
      if (isLost || query.state !== state) return claim(query);
      isLost = true;
      const made = asked.then(() => claim(query));
      if (asked === AT_ONCE) await made;
      throw new RelayError("ledger_unavailable", "the answer was lost");
    });
  }

  test.each(["at once", "by a server that goes on later"])(
    "bug: what it took waited until its lease ended, and was marked: it goes out within seconds, as it is (%s)",
    async (when) => {
      const { promise, resolve } = Promise.withResolvers<null>();
      const id = await house.cancel("1001");
      loseClaim("pending", when === "at once" ? AT_ONCE : promise);
      second.die();
      await house.clock.advance(1_000);
      resolve(null);
      await house.clock.advance(3_000);
      expect(papers(first)).toHaveLength(1);
      expect(await house.delivery(id)).toMatchObject({
        state: "accepted",
        may_be_repeat: false,
        attempt_count: 1,
      });
    },
  );

  test("likewise of what is to be verified", async () => {
    await house.webhook("tee-shop", order);
    loseClaim("verifying");
    await house.clock.advance(4_000);
    expect([...told(first), ...told(second)]).toContain("delivery.verified");
  });
});

describe("an answer that comes when the attempt was taken for lost", () => {
  test("leaves the attempt that came after it alone, and is written down", async () => {
    const answerFirst = holdAnswers(first);
    const answerSecond = holdAnswers(second);
    const id = await sentAndPaused();
    await house.clock.advance(80_000);
    const claimed = await house.delivery(id);
    expect(claimed).toMatchObject({ state: "sending", attempt_count: 2, may_be_repeat: true });
    expect(papers(second)[0]).toContain("MAY BE A REPEAT");

    await answerFirst({ kind: "accepted" });
    await first.goOn();
    const late = await house.ledger.findDelivery(id);
    expect(late?.delivery).toEqual(claimed);
    expect(late?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, "unknown"],
      [1, "accepted"],
    ]);

    await answerSecond({ kind: "accepted" });
    expect(await house.delivery(id)).toMatchObject({
      state: "accepted",
      attempt_count: 2,
      lease_until: null,
    });
  });

  test.each(["unavailable", "rejected", "unknown"] as const)("likewise %s", async (kind) => {
    const answerFirst = holdAnswers(first);
    second.cloud.script("hang");
    const id = await sentAndPaused();
    await house.clock.advance(80_000);
    const claimed = await house.delivery(id);
    await answerFirst({ kind });
    await first.goOn();
    expect(await house.delivery(id)).toEqual(claimed);
  });

  /** The first relay's POST has left; then it is paused. */
  async function sentAndPaused(): Promise<string> {
    second.pause();
    const id = await house.cancel("1001");
    await house.clock.advance(1_000);
    expect(papers(first)).toHaveLength(1);
    first.pause();
    await second.goOn();
    return id;
  }
});

describe("a question to a store's API", () => {
  test("that another asks meanwhile is not decided by the late answer", async () => {
    const asked: ((answer: Answered<Buffer>) => void)[] = [];
    askStore = () => new Promise((resolve) => asked.push(resolve));
    second.pause();
    const receipt = await house.webhook("tee-shop", order);
    const id = receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "";
    await house.clock.advance(1_000);
    expect(asked).toHaveLength(1);
    first.pause();
    await second.goOn();
    await house.clock.advance(80_000);
    expect(asked).toHaveLength(2);
    const claimed = await house.delivery(id);
    expect(claimed.lease_until).toBeGreaterThan(house.clock.now());

    asked[0]?.(house.orderAnswer);
    await first.goOn();
    const late = await house.ledger.findDelivery(id);
    expect(late?.delivery).toEqual(claimed);
    expect(late?.attempts).toMatchObject([{ kind: "verify", outcome: "unavailable" }]);

    house.fastpodSays("cancelled");
    asked[1]?.(house.orderAnswer);
    await house.clock.advance(1_000);
    expect([...papers(first), ...papers(second)]).toHaveLength(1);
  });

  test("is not asked by a relay that was held up past its lease", async () => {
    let asked = 0;
    askStore = () => {
      asked++;
      return Promise.resolve(house.orderAnswer);
    };
    second.pause();
    first.pauseOnClaim();
    await house.webhook("tee-shop", order);
    await house.clock.advance(1_000);
    await house.clock.advance(80_000);
    await first.goOn();
    expect([asked, told(first).filter((event) => event === "delivery.lease_lost")]).toEqual([
      0,
      ["delivery.lease_lost"],
    ]);
  });
});
