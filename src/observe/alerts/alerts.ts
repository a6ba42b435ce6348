import { RelayError } from "../../core/errors.ts";
import type { Leadership } from "../../core/leadership.ts";
import type { Settings } from "../../core/settings.ts";
import { endsWithin, SECOND_MS, type Clock } from "../../core/time.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RelayEvent } from "../events.ts";
import { createDuties, type Duties } from "./duties.ts";
import { createLedgerTrouble, LEDGER_FAILED, type LedgerTrouble } from "./ledger-trouble.ts";
import { createMatters } from "./matters.ts";
import { matterOf, type Turn } from "./turn.ts";
import { createOutbox, type Arrival, type Outbox, type OutboxDeps } from "./outbox.ts";
import { createAlertSender, type AlertAddress } from "./sender.ts";
import { createTurns, type Turns } from "./turns.ts";

/**
 * Tells a person what needs one. What is wrong stands in the ledger as alerts that are open or closed, and so do the
 * messages about them; here is who raises what no order raises, and who tells.
 */
export interface Alerts {
  /** What an event opens or closes. Costs next to nothing where all is well; never throws. */
  consider(event: RelayEvent): void;
  start(): void;
  /** Takes nothing more; what is on its way to the alert address is sent again by the next process. */
  stop(): Promise<void>;
}

export interface AlertsDeps extends Omit<OutboxDeps, "ledger" | "sender" | "onLedgerFailure"> {
  ledger: Ledger;
  /** Null: alerts are kept and nobody is told. */
  address: AlertAddress | null;
  settings: () => Settings;
  leadership: Pick<Leadership, "leads" | "shared">;
  /** Other alerts are open now than before: whoever shows them looks again. */
  onChange: () => void;
}

/** The schedule's first step: a message is not sent again sooner. */
const LOOK_EVERY_MS = 5 * SECOND_MS;
/** After an event that has raised something inside the ledger: in a flood there is one look for many. */
const LOOK_SOON_MS = 250;
/** A ledger that has not answered for so long has trouble. */
const LEDGER_MS_MAX = 20 * SECOND_MS;
/** What the ledger has not written by then is done again by the next process. */
const STOP_MS_MAX = 2 * SECOND_MS;

export function createAlerts(deps: AlertsDeps): Alerts {
  const { clock } = deps;
  const ledger = impatient(deps.ledger, clock);
  const sender = deps.address === null ? null : createAlertSender(deps.address, clock);
  const trouble = createLedgerTrouble({ ...deps, ledger, sender });
  const turns = createTurns({ ...deps, ledger });
  const takeUpTrouble = createTakingUp(deps, turns, trouble);
  const matters = createMatters(turns);
  const duties: Duties = createDuties({ ...deps, ledger, turns });
  const outbox: Outbox | null =
    sender === null ? null : createOutbox({ ...deps, ledger, sender, onLedgerFailure: failed });

  let looking: Promise<void> | null = null;
  let cancel = (): void => undefined;
  let nextLookAt = Infinity;
  let stopped = true;

  function lookIn(delayMs: number): void {
    const at = clock.now() + delayMs;
    if (stopped || looking !== null || at >= nextLookAt) return;
    cancel();
    nextLookAt = at;
    cancel = clock.after(delayMs, () => {
      nextLookAt = Infinity;
      looking = look().finally(() => {
        looking = null;
        lookIn(LOOK_EVERY_MS);
      });
    });
  }

  async function look(): Promise<void> {
    try {
      await trouble.work();
      if (trouble.isDown()) return;
      const arrival = outbox?.arrival() ?? null;
      if (arrival !== null) turns.add(turnOf(arrival));
      await turns.work();
      if (!deps.leadership.leads()) return;
      takeUpTrouble();
      await duties.work();
      await outbox?.work();
    } catch (error) {
      failed(error);
      await trouble.work();
    }
  }

  function failed(error: unknown): void {
    trouble.seen(error instanceof Error ? error.message : "unknown", clock.now());
  }

  return {
    consider(event) {
      if (event.event === "ledger.failed") {
        trouble.seen(event.detail, clock.now());
        lookIn(LOOK_SOON_MS);
        return;
      }
      const turn = matters.turnOf(event);
      if (turn !== null) turns.add(turn);
      if (event.event === "webhook.received" && event.replayed !== true) duties.heard(event.store);
      if (turn !== null || isOfOneOrder(event)) lookIn(LOOK_SOON_MS);
    },
    start() {
      stopped = false;
      lookIn(0);
    },
    async stop() {
      stopped = true;
      cancel();
      await endsWithin(clock, STOP_MS_MAX, Promise.all([outbox?.stop(), looking]));
    },
  };
}

/** Where nobody else opens any, what is open is what was left behind, and is taken up once. */
function createTakingUp(
  { leadership, clock }: Pick<AlertsDeps, "leadership" | "clock">,
  turns: Pick<Turns, "isOpen">,
  trouble: Pick<LedgerTrouble, "takeUp">,
): () => void {
  let isDone = false;
  return () => {
    if (isDone && !leadership.shared) return;
    isDone = true;
    if (turns.isOpen(LEDGER_FAILED)) trouble.takeUp(clock.now());
  };
}

function turnOf({ arrives, detail }: Arrival): Turn {
  const matter = "alerts.unsent";
  if (arrives) return { close: [{ matter, ended: "one has arrived" }] };
  return { raise: matterOf(matter, { matter, store: null, printer: null, reason: detail }) };
}

/** Whether the ledger has raised something by itself, most likely. */
function isOfOneOrder(event: RelayEvent): boolean {
  switch (event.event) {
    case "delivery.dead":
    case "delivery.held":
    case "delivery.unconfirmed":
      return true;
    case "webhook.received":
    case "cancellation.fetched":
      return event.status === "quarantined";
    default:
      return false;
  }
}

const SILENT = `the ledger has not answered for ${LEDGER_MS_MAX / SECOND_MS} s`;

/** The same ledger, but a call of it that has no answer for long fails: a disk that hangs must not keep this silent. */
function impatient(ledger: Ledger, clock: Clock): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "onForeignWrite") return method;
      return async (...values: unknown[]) => {
        const { promise: late, reject } = Promise.withResolvers<never>();
        const cancel = clock.after(LEDGER_MS_MAX, () => reject(new RelayError("ledger_unavailable", SILENT)));
        try {
          return await Promise.race([Reflect.apply(method, target, values) as Promise<unknown>, late]);
        } finally {
          cancel();
        }
      };
    },
  });
}
