import type { Erasure } from "../core/erasure.ts";
import { eraseInBatches } from "../core/erasing.ts";
import type { Leadership } from "../core/leadership.ts";
import { MINUTE_MS, type Clock } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Emit, RelayEvent } from "../observe/events.ts";
import { ledgerFailed } from "./failed.ts";

/** Between two looks at what was begun and not ended: by a command that was stopped, mostly. */
const LOOK_EVERY_MS = MINUTE_MS;
/** A reader that is open longer than this is told of, and the next look tries again. */
export const READER_WAIT_MS_MAX = 10 * MINUTE_MS;

export interface ErasuresDeps {
  ledger: Pick<Ledger, "nextErasure" | "eraseBatch">;
  clock: Clock;
  emit: Emit;
  leadership: Pick<Leadership, "leads">;
}

/** Ends every erasure that was begun, for as long as the service runs and leads. */
export interface Erasures {
  /** Looks at once. */
  start(): void;
  /** One was begun just now. */
  wake(): void;
  /** Resolves when no batch runs any more. */
  stop(): Promise<void>;
}

export function createErasures(deps: ErasuresDeps): Erasures {
  let started = false;
  let stopped = false;
  let lookAgain = false;
  let cancel = (): void => undefined;
  let running: Promise<void> | null = null;

  function look(): void {
    cancel();
    lookAgain = false;
    running = eraseAll(deps, () => stopped || !deps.leadership.leads())
      .catch((error: unknown) =>
        tellFailure(deps.emit, { detail: error instanceof Error ? error.message : "unknown" }),
      )
      .then(() => {
        running = null;
        if (stopped) return;
        if (lookAgain) look();
        else cancel = deps.clock.after(LOOK_EVERY_MS, look);
      });
  }

  return {
    start() {
      started = true;
      look();
    },
    wake() {
      if (!started || stopped) return;
      if (running === null) look();
      else lookAgain = true;
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

/** Until none is left, or one cannot be ended now. */
async function eraseAll(deps: ErasuresDeps, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const erasure = await nextOf(deps);
    if (erasure === null || !(await eraseOne(deps, erasure, stopped))) return;
  }
}

/** A ledger that cannot even be asked says nothing of anybody who is to be forgotten. @returns null: nobody, or not known */
function nextOf({ ledger, emit }: ErasuresDeps): Promise<Erasure | null> {
  return ledger.nextErasure().catch((error: unknown) => {
    emit(ledgerFailed(error));
    return null;
  });
}

/** @returns whether it is done, so that another may be looked for */
async function eraseOne(
  { ledger, clock, emit }: ErasuresDeps,
  { id, subject, store, asked_at, by, deliveries, webhooks }: Erasure,
  stopped: () => boolean,
): Promise<boolean> {
  // Done by another process meanwhile.
  if (subject === null) return true;
  const run = await eraseInBatches(
    (query) => ledger.eraseBatch(query),
    { id, subject, asked_at, by },
    { clock, waitMsMax: READER_WAIT_MS_MAX, stopped },
  );
  if (run.done) {
    const found = { deliveries: deliveries + run.deliveries, webhooks: webhooks + run.webhooks };
    emit({ event: "buyer.forgotten", erasure: id, store, ...found, by });
  }
  const of = { erasure: id, store, erased: run.done };
  if (!stopped() && run.log_left) tellFailure(emit, { ...of, detail: OLD_PAGES });
  else if (!stopped() && !run.done) tellFailure(emit, { ...of, detail: LOG_IS_LARGE });
  return run.done;
}

function tellFailure(
  emit: Emit,
  { erasure = null, store = null, erased = false, detail }: Partial<Failure> & Pick<Failure, "detail">,
): void {
  emit({ event: "buyer.forgetting_failed", erasure, store, erased, detail });
}
type Failure = Extract<RelayEvent, { event: "buyer.forgetting_failed" }>;

const READER = "a reader (a backup, Litestream, a shell) keeps the write-ahead log";
const LOG_IS_LARGE = `${READER} from being reset, and it is large: erasing goes on when that reader ends`;
const OLD_PAGES = `${READER} from being cut: what was erased is in its old pages until a checkpoint after that reader ends`;
