import type { Clock, UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Gates } from "./gates.ts";
import type { Lane, Running } from "./running.ts";

/** Whose deliveries may go. */
export type Which = ({ only_printer: string } | { except_printers: string[] }) & { only_id?: string };

/** One delivery shows whether a scope that is away is back; the others wait for it and burn no attempts. */
export type Probe = (scope: string, which: Which) => Promise<void>;

export interface ProbeDeps {
  ledger: Pick<Ledger, "readDelivery" | "release">;
  clock: Pick<Clock, "now">;
  /** Whether a connection to the cloud can be made at all. */
  reachable: () => Promise<boolean>;
  gates: Pick<Gates, "mayProbe" | "mayReplaceProber" | "probed" | "probers" | "takeTouch" | "touched">;
  running: Running;
  /** How many deliveries may be taken now. */
  room: () => number;
  /** Takes one and sends it. @returns how many were taken: 1, or 0 where none is due */
  take: (which: Which) => Promise<number>;
  /** One that waited is due now. */
  onDue: () => void;
}

export function createProbe(deps: ProbeDeps): Probe {
  const { ledger, clock, gates } = deps;
  const { probers } = gates;
  /** Bare connections: they take no place of a delivery's. */
  const touches: Lane = { count: 0 };

  /** @returns whether one went */
  async function take(scope: string, which: Which, now: UnixMs): Promise<boolean> {
    if ((await deps.take(which)) === 0) return false;
    gates.probed(scope, now);
    return true;
  }

  /** The printer may have confirmed it, or its time may have run out. */
  async function proberOf(scope: string): Promise<string | null> {
    const id = probers.of(scope);
    if (id === null) return null;
    const delivery = await ledger.readDelivery(id);
    if (delivery?.state === "pending" && delivery.next_attempt_at !== null) return id;
    probers.forget(scope);
    return null;
  }

  function oneOf(scope: string): { only_id: string } | { limit: number } {
    const only_id = probers.of(scope);
    return only_id === null ? { limit: 1 } : { only_id };
  }

  /** It tells whether waiting any longer makes sense. */
  async function connect(scope: string): Promise<void> {
    if (!(await deps.reachable())) return;
    const now = clock.now();
    await ledger.release(now, oneOf(scope));
    gates.touched(scope, now);
  }

  /** @returns whether what waits is tried now, or a bare connection is */
  async function touch(scope: string, which: Which, now: UnixMs): Promise<boolean> {
    const what = gates.takeTouch(scope, now);
    if (what === null) return false;
    if (what === "connection") {
      deps.running.begin(touches, () => connect(scope));
      return true;
    }
    // One alone keeps to the retry law; of several one is tried for all of them.
    const printer = "only_printer" in which ? { printer: which.only_printer } : {};
    if ((await ledger.release(now, { ...printer, ...oneOf(scope), unless_alone: true })) === 0) return false;
    gates.touched(scope, now);
    deps.onDue();
    return true;
  }

  return async (scope, which) => {
    const now = clock.now();
    if (!gates.mayProbe(scope, now) || deps.room() <= 0) return;
    const only_id = await proberOf(scope);
    if (only_id !== null) {
      if ((await take(scope, { ...which, only_id }, now)) || (await touch(scope, which, now))) return;
      if (!gates.mayReplaceProber(scope, now)) return;
    }
    if (await take(scope, which, now)) probers.passOver(scope);
    // Nothing is due to try with.
    else if (only_id === null) await touch(scope, which, now);
  };
}
