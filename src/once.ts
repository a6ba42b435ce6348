import type { Delivery } from "./core/delivery.ts";
import { RelayError } from "./core/errors.ts";
import { SECOND_MS, type Clock } from "./core/time.ts";
import type { ActKey, ActResult } from "./ledger/ledger.ts";
import type { RelayDeps } from "./relay-deps.ts";

/**
 * Does an act, under a key only once.
 * @param request what is asked for: the same words are the same request
 * @returns what it came to, or what it had come to when it was asked for first
 * @throws `key_reused`, `repeated`
 */
export type Once = (
  key: string | undefined,
  request: readonly string[],
  act: (once: ActKey | undefined) => Promise<ActResult>,
) => Promise<ActResult>;

/** A delivery as an act left it. Without its ticket, which is not remembered under a key. */
export type ActedOn = Omit<Delivery, "ticket">;

/** `once`, for an act that comes to a delivery. */
export async function deliveryOnce(
  once: Once,
  key: string | undefined,
  request: readonly string[],
  act: (actKey: ActKey | undefined) => Promise<ActedOn>,
): Promise<ActedOn> {
  const result = await once(key, request, async (actKey) => ({ delivery: await act(actKey) }));
  if (!("delivery" in result)) throw new Error(`${request.join(" ")} is remembered as something else`);
  return result.delivery;
}

/** Who asks again while the first is under way waits so long for what it comes to. */
const UNDER_WAY_MS_MAX = 2 * SECOND_MS;

/**
 * The ledger alone decides whether an act was done; what is kept here spares those who come meanwhile a refusal, and a
 * store its being asked for an act that will be refused. One for all acts of a process: a key is one act's alone.
 * One that was refused did nothing, so it is not remembered, and asking again is asking anew.
 */
export function createOnce({ ledger, clock }: Pick<RelayDeps, "ledger" | "clock">): Once {
  const underWay = new Map<string, { request: string; result: Promise<ActResult> }>();

  async function actOnce(once: ActKey, act: Parameters<Once>[2]): Promise<ActResult> {
    const done = await ledger.findAct(once, clock.now());
    if (done !== null) return done;
    try {
      return await act(once);
    } catch (error) {
      // Another process was quicker, or our own before its ledger's thread died.
      const isDone = error instanceof RelayError && error.code === "repeated";
      const since = isDone ? await ledger.findAct(once, clock.now()) : null;
      if (since === null) throw error;
      return since;
    }
  }

  return async (key, words, act) => {
    if (key === undefined) return act(undefined);
    const request = JSON.stringify(words);
    const first = underWay.get(key);
    if (first === undefined) {
      const result = actOnce({ key, request }, act);
      underWay.set(key, { request, result });
      return result.finally(() => underWay.delete(key));
    }
    if (first.request === request) return inTime(clock, first.result);
    throw new RelayError("key_reused", "this Idempotency-Key is being used for another act: make a new one");
  };
}

/** @throws `repeated` when it takes too long: it goes on all the same */
function inTime(clock: Clock, result: Promise<ActResult>): Promise<ActResult> {
  return new Promise((resolve, reject) => {
    const cancelTimer = clock.after(UNDER_WAY_MS_MAX, () => {
      reject(
        new RelayError(
          "repeated",
          "the first request with this Idempotency-Key is still under way: ask again",
        ),
      );
    });
    result.then(resolve, reject).finally(cancelTimer);
  });
}
