import type { Slip } from "../../../src/goodcom/simulator/slip.ts";
import type { PaperSlip } from "./history.ts";

/** Counts what the simulated cloud prints, and what its calling back brought. */
export interface Paper {
  readonly slips: readonly PaperSlip[];
  /** For the simulator: called when an order has come and before it is answered. */
  onSlip(slip: Slip): void;
  /** At the n-th slip from now, once. */
  at(n: number, act: () => void): void;
  forget(): void;
  /** Deliveries whose confirmation the relay has taken with a 200 so far. */
  confirmed(): ReadonlySet<string>;
  /** Nobody at the printer is about to press the button any more. */
  quiet(): boolean;
}

export function createPaper(): Paper {
  const slips: PaperSlip[] = [];
  const confirmed = new Set<string>();
  // The simulator notes on the slip what calling back brought; until then the slip is kept.
  let open: Slip[] = [];
  let waitsFor: { left: number; act: () => void } | null = null;

  const close = (): void => {
    open = open.filter(({ called_back, idempotency_key }) => {
      if (called_back?.status === 200) confirmed.add(idempotency_key ?? "");
      return called_back === null;
    });
  };

  return {
    slips,
    onSlip(slip) {
      const { order_id: order, idempotency_key, order_txt } = slip;
      slips.push({ order, delivery: idempotency_key ?? "", marked: order_txt.includes("MAY BE A REPEAT") });
      open.push(slip);
      if (waitsFor === null || --waitsFor.left > 0) return;
      const { act } = waitsFor;
      waitsFor = null;
      act();
    },
    at(n, act) {
      waitsFor = { left: n, act };
    },
    forget() {
      waitsFor = null;
    },
    confirmed() {
      close();
      return confirmed;
    },
    quiet() {
      close();
      return open.length === 0;
    },
  };
}
