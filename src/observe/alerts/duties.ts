import { lasted } from "../../core/alert.ts";
import type { Leadership } from "../../core/leadership.ts";
import type { Settings } from "../../core/settings.ts";
import { MINUTE_MS, SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { matterOf, type Turn } from "./turn.ts";
import { createSilenceWatch } from "./silence.ts";
import { mattersOfApi } from "./store-matters.ts";
import type { Turns } from "./turns.ts";

export interface DutiesDeps {
  ledger: Pick<Ledger, "counts" | "sweepAlerts" | "rhythmOf">;
  clock: Pick<Clock, "now">;
  settings: () => Settings;
  leadership: Pick<Leadership, "shared">;
  turns: Turns;
}

/** What no event tells, and somebody has to look at from time to time. */
export interface Duties {
  /** An authentic webhook of this store has come. */
  heard(store: string): void;
  /** @throws `ledger_unavailable` */
  work(): Promise<void>;
}

const QUEUE_EVERY_MS = 15 * SECOND_MS;
const REST_EVERY_MS = MINUTE_MS;

/** Nothing waits for so long unless the worker cannot follow, or the cloud is away. */
const QUEUE_LATE_MS = 2 * MINUTE_MS;
/** Looks in a row: after a start everything is late, and gone a moment later. */
const LATE_LOOKS = 2;
const LATE = "queue.late";

export function createDuties({ ledger, clock, settings, leadership, turns }: DutiesDeps): Duties {
  const silence = createSilenceWatch({
    ...{ ledger, leadership, startedAt: clock.now() },
    isOpen: (matter) => turns.isOpen(matter),
  });
  const isQueueDue = every(QUEUE_EVERY_MS);
  // Not at once: a start has enough to read.
  const isRestDue = every(REST_EVERY_MS, clock.now());
  let lateLooks = 0;

  async function lookAtQueue(now: UnixMs): Promise<void> {
    const { oldest_due_at, by_state } = await ledger.counts(now);
    const lateMs = oldest_due_at === null ? 0 : now - oldest_due_at;
    if (lateMs <= QUEUE_LATE_MS) {
      lateLooks = 0;
      turns.add({ close: [{ matter: LATE, ended: "nothing waits for so long any more" }] });
      return;
    }
    if (++lateLooks < LATE_LOOKS) return;
    const waiting = by_state.pending + by_state.verifying;
    const reason = `the longest-due one has been due for ${lasted(lateMs)}; ${waiting} wait in all`;
    turns.add({ raise: matterOf(LATE, { matter: LATE, store: null, printer: null, reason }) });
  }

  /** Of a store or printer that is no longer configured nobody will ever hear again. */
  function closeOrphans({ stores, printers }: Settings): void {
    const known = new Set([
      ...stores.map(({ name }) => `store ${name}`),
      ...printers.map(({ name }) => `printer ${name}`),
    ]);
    const isGone = (kind: string, name: string | null): boolean =>
      name !== null && !known.has(`${kind} ${name}`);
    const close = [...turns.open()]
      .filter(([, { store, printer }]) => isGone("store", store) || isGone("printer", printer))
      .map(([matter]) => ({ matter, ended: "it is no longer configured" }));
    const ofApi = stores
      .filter(({ api }) => api === null)
      .flatMap(({ name }) => mattersOfApi(name))
      .map((matter) => ({ matter, ended: 'it has no "api" any more that is asked' }));
    turns.add({ close: [...close, ...ofApi] });
  }

  return {
    heard(store) {
      const turn: Turn | null = silence.heard(store, clock.now());
      if (turn !== null) turns.add(turn);
    },
    async work() {
      const now = clock.now();
      if (isQueueDue(now)) await lookAtQueue(now);
      if (isRestDue(now)) {
        const current = settings();
        closeOrphans(current);
        for (const turn of await silence.look(
          current.stores.map(({ name }) => name),
          now,
        ))
          turns.add(turn);
        await ledger.sweepAlerts(now);
      }
      await turns.work();
    },
  };
}

/** Also when the clock was set back. */
function every(periodMs: number, since: UnixMs | null = null): (now: UnixMs) => boolean {
  let last = since;
  return (now) => {
    const isDue = last === null || now - last >= periodMs || now < last;
    if (isDue) last = now;
    return isDue;
  };
}
