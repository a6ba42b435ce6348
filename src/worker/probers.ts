import type { AttemptOutcome } from "../core/delivery.ts";

/**
 * Which delivery probes a scope that is away: the one that has found it so, again and again, so that those that wait
 * burn no attempts. But one of its own may be what the cloud never takes: after some tries another goes, and one that
 * was passed over and the next was taken is never asked to probe for others again.
 */
export interface Probers {
  /** Its id; null: whichever is due. */
  of(scope: string): string | null;
  /** An attempt of this delivery has told something about a scope. */
  settle(scope: string, delivery: string, outcome: Pick<AttemptOutcome, "kind" | "http_status">): void;
  /** Another goes in its place. */
  passOver(scope: string): void;
  /** It is not needed any more, or has told nothing. */
  forget(scope: string): void;
}

/** Some 20 s: an outage that is over by then has burnt nobody else's attempt. */
const REFUSALS_MAX = 5;
/** So many are known that the cloud did not take where it took the next. */
const POISONOUS_MAX = 1_000;

interface Prober {
  delivery: string;
  /** Answers in a row by which it was not taken. Where no connection came about that is nobody's fault. */
  refusals: number;
}

export function createProbers(): Probers {
  const probers = new Map<string, Prober>();
  /** The last one that was passed over. */
  const passedOver = new Map<string, string>();
  const poisonous = new Set<string>();

  function condemn(delivery: string): void {
    const [oldest] = poisonous;
    if (oldest !== undefined && poisonous.size >= POISONOUS_MAX) poisonous.delete(oldest);
    poisonous.add(delivery);
  }

  function settleTaken(scope: string, delivery: string): void {
    const refused = passedOver.get(scope);
    if (refused !== undefined && refused !== delivery) condemn(refused);
    passedOver.delete(scope);
    probers.delete(scope);
  }

  function passOver(scope: string): void {
    const prober = probers.get(scope);
    if (prober !== undefined) passedOver.set(scope, prober.delivery);
    probers.delete(scope);
  }

  return {
    of: (scope) => probers.get(scope)?.delivery ?? null,
    settle(scope, delivery, { kind, http_status }) {
      if (kind === "accepted" || kind === "rejected") settleTaken(scope, delivery);
      if (kind !== "unavailable" || poisonous.has(delivery)) return;
      const before = probers.get(scope) ?? { delivery, refusals: 0 };
      // Of those that went at once the first has found it out.
      if (before.delivery !== delivery) return;
      const refusals = http_status === null ? 0 : before.refusals + 1;
      probers.set(scope, { delivery, refusals });
      if (refusals >= REFUSALS_MAX) passOver(scope);
    },
    passOver,
    forget: (scope) => void probers.delete(scope),
  };
}
