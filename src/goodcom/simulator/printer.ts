import type { Clock } from "../../core/time.ts";
import type { CancelOrderBody, Endpoint } from "../api.ts";
import { callBack, type CallbackForm } from "./call-back.ts";
import { keep, type Slip } from "./slip.ts";

/** What was, or is to be, pressed on the printer. */
export type Button = "accepted" | "rejected";

export interface PrinterOptions {
  clock: Clock;
  /** Milliseconds from paper to button; null: nobody presses by itself. */
  confirm_after_ms: number | null;
  confirm_as: Button;
  callback_form: CallbackForm;
  callback_anywhere: boolean;
  onSlip: (slip: Slip) => void;
  log: (line: string) => void;
}

/** The printer behind the simulated cloud, and whoever stands at it. */
export interface SimulatedPrinter {
  readonly slips: readonly Slip[];
  print: (endpoint: Endpoint, body: CancelOrderBody, idempotencyKey: string | null) => void;
  confirm: (slipOrOrderId: string, button?: Button) => Promise<Slip["called_back"]>;
  /** Nobody presses anything any more. */
  stop(): void;
}

const SLIPS_MAX = 1000;

export function createSimulatedPrinter(options: PrinterOptions): SimulatedPrinter {
  const { clock } = options;
  const slips: Slip[] = [];
  const planned = new Set<() => void>();
  let printed = 0;

  const press = async (slip: Slip, button: Button): Promise<Slip["called_back"]> => {
    slip.verdict = button;
    const { callback_form: form, callback_anywhere: anywhere } = options;
    slip.called_back = await callBack(slip, button, { clock, form, anywhere });
    const result = slip.called_back.error ?? `HTTP ${String(slip.called_back.status)}`;
    options.log(`${slip.id} ${button} at the printer, called back: ${result}`);
    return slip.called_back;
  };

  const plan = (slip: Slip, delayMs: number): void => {
    const cancel = clock.after(delayMs, () => {
      planned.delete(cancel);
      if (slip.verdict === null) void press(slip, options.confirm_as);
    });
    planned.add(cancel);
  };

  return {
    slips,
    print(endpoint, { order_id, order_json, order_txt, callback_url }, idempotencyKey) {
      printed++;
      const slip: Slip = {
        id: `slip-${printed}`,
        at: clock.now(),
        endpoint,
        order_id,
        order_json,
        order_txt,
        idempotency_key: idempotencyKey,
        callback_url,
        verdict: null,
        called_back: null,
      };
      keep(slips, slip, SLIPS_MAX);
      options.onSlip(slip);
      if (options.confirm_after_ms !== null) plan(slip, options.confirm_after_ms);
    },
    async confirm(wanted, button = "accepted") {
      const slip = slips.findLast(({ id, order_id }) => id === wanted || order_id === wanted);
      return slip === undefined ? null : press(slip, button);
    },
    stop() {
      for (const cancel of planned) cancel();
      planned.clear();
    },
  };
}
