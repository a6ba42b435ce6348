import { RelayError } from "../../core/errors.ts";
import type { Leadership } from "../../core/leadership.ts";
import type { Clock, UnixMs } from "../../core/time.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Matter, Turn } from "./turn.ts";

/** What is to be raised and closed, in its order, and which matters are open: known here, so that nobody asks the ledger. */
export interface Turns {
  add(turn: Turn): void;
  isOpen(matter: string): boolean;
  /** Nor is it known yet, right after the start, what an earlier process has left open. */
  mayBeOpen(matter: string): boolean;
  /** The open matters of stores and printers. */
  open(): ReadonlyMap<string, Pick<Matter, "store" | "printer">>;
  /** Writes what waits. What cannot be written waits on. @throws `ledger_unavailable` */
  work(): Promise<void>;
}

/** Nobody raises so many between two looks but a ledger that cannot be written. */
const WAITING_MAX = 1000;
const OPEN_ROWS_MAX = 1000;

type Step =
  { do: "raise"; at: UnixMs; matter: Matter } | { do: "close"; at: UnixMs; matter: string; ended: string };

export interface TurnsDeps {
  ledger: Pick<Ledger, "raiseAlert" | "closeAlert" | "listAlerts">;
  clock: Pick<Clock, "now">;
  /** Where others raise and close too, what is open is looked up anew each time. */
  leadership: Pick<Leadership, "shared">;
  /** Told when what waited is written. */
  onChange: () => void;
}

export function createTurns({ ledger, clock, leadership, onChange }: TurnsDeps): Turns {
  const open = new Map<string, Pick<Matter, "store" | "printer">>();
  const waiting: Step[] = [];
  let isLoaded = false;

  /** What an earlier process has left open, or others have opened; and then what waits. */
  async function load(): Promise<void> {
    const alerts = await ledger.listAlerts({ state: "open", limit: OPEN_ROWS_MAX });
    open.clear();
    for (const { matter, store, printer, delivery_id, webhook_id, gathered } of alerts) {
      if (delivery_id === null && webhook_id === null && !gathered) open.set(matter, { store, printer });
    }
    for (const step of waiting) {
      if (step.do === "close") open.delete(step.matter);
      else open.set(step.matter.matter, step.matter);
    }
    isLoaded = true;
  }

  function isClosing(matter: string): boolean {
    const last = waiting.findLast(
      (step) => (step.do === "close" ? step.matter : step.matter.matter) === matter,
    );
    return last?.do === "close";
  }

  async function write(step: Step): Promise<void> {
    if (step.do === "raise") await ledger.raiseAlert({ ...step.matter, raised_at: step.at });
    else await ledger.closeAlert(step.matter, { at: step.at, ended: step.ended });
  }

  return {
    add({ raise, close = [] }) {
      const at = clock.now();
      if (waiting.length >= WAITING_MAX) return;
      if (raise !== undefined && !open.has(raise.matter)) {
        open.set(raise.matter, { store: raise.store, printer: raise.printer });
        waiting.push({ do: "raise", at, matter: raise });
      }
      for (const { matter, ended } of close) {
        if (open.delete(matter) || (!isLoaded && !isClosing(matter))) {
          waiting.push({ do: "close", at, matter, ended });
        }
      }
    },
    isOpen: (matter) => open.has(matter),
    mayBeOpen: (matter) => !isLoaded || open.has(matter),
    open: () => open,
    async work() {
      if (!isLoaded || leadership.shared) await load();
      if (waiting.length === 0) return;
      for (let step = waiting[0]; step !== undefined; step = waiting[0]) {
        try {
          await write(step);
        } catch (error) {
          // One that can never be written must not keep all others back.
          if (!(error instanceof RelayError && error.code === "ledger_unavailable")) waiting.shift();
          throw error;
        }
        waiting.shift();
      }
      onChange();
    },
  };
}
