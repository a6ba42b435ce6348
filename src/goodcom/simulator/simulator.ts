import type { Clock } from "../../core/time.ts";
import type { CallbackForm } from "./call-back.ts";
import type { Regions } from "./check.ts";
import { createFaultQueue, faultOf, type FaultInput } from "./faults.ts";
import { createListener } from "./listener.ts";
import { createSimulatedPrinter, type Button } from "./printer.ts";
import { createRoutes } from "./routes.ts";
import { keep, type SeenRequest, type Slip } from "./slip.ts";

export interface SimulatorOptions {
  clock: Clock;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Address to listen on; 127.0.0.1 unless given. Anybody who can reach it can read its slips. */
  host?: string;
  /** How long after printing somebody presses the button on the printer; null: never by itself. */
  confirm_after_ms: number | null;
  /** Which button it is; "accepted" unless given. */
  confirm_as?: Button;
  /** "get" unless given. */
  callback_form?: CallbackForm;
  /** Lets it call addresses beyond this machine. */
  callback_anywhere?: boolean;
  /** Regions it knows, by api_key; without them every key is taken and no sign is checked. */
  check?: { api_keys: Regions };
  /** False: cancelorder refuses an order that was never submitted by submitorder. True unless given. */
  knows_orders?: boolean;
  /** The fault to begin with, until `setFault` says otherwise. */
  fault?: FaultInput;
  /** Paper: called for each slip as it prints. */
  onSlip?: (slip: Slip) => void;
  /** One line per request, without keys or tokens. */
  log?: (line: string) => void;
}

/** A stand-in for Goodcom's cloud and one printer on real HTTP, for the demo, tests and trying faults by hand. */
export interface GoodcomSimulator {
  /** Base address, good for `GOODCOM_URL`. @throws Error before `listen` */
  readonly url: string;
  /** @returns the base address; rejects with EADDRINUSE when the port is taken */
  listen(): Promise<string>;
  /** Drops every connection and every planned confirmation. */
  close(): Promise<void>;
  /** The newest slips, oldest first. */
  readonly slips: readonly Slip[];
  readonly requests: readonly SeenRequest[];
  /** One fault (or null: a healthy answer) per coming request, before the standing one. Not `refuse`. */
  script: (faults: readonly FaultInput[]) => void;
  /** The standing fault, from now on; forgets what was scripted. null: healthy. */
  setFault(fault: FaultInput): Promise<void>;
  /** Presses the button on the printer, and calls back at once. @returns null when there is no such slip */
  confirm(slipOrOrderId: string, button?: Button): Promise<Slip["called_back"]>;
}

const REQUESTS_MAX = 1000;
const SUBMITTED_MAX = 10_000;

export function createGoodcomSimulator(options: SimulatorOptions): GoodcomSimulator {
  const { clock, knows_orders = true, log = () => undefined } = options;
  const requests: SeenRequest[] = [];
  const submitted: string[] = [];
  const faults = createFaultQueue();
  const printer = createSimulatedPrinter({
    clock,
    log,
    confirm_after_ms: options.confirm_after_ms,
    confirm_as: options.confirm_as ?? "accepted",
    callback_form: options.callback_form ?? "get",
    callback_anywhere: options.callback_anywhere ?? false,
    onSlip: options.onSlip ?? (() => undefined),
  });
  let comeBack = (): void => undefined;

  const routes = createRoutes({
    clock,
    faults,
    slips: printer.slips,
    print: printer.print,
    confirm: printer.confirm,
    regions: options.check?.api_keys ?? null,
    isKnown: (orderId) => knows_orders || submitted.includes(orderId),
    submitted: (orderId) => keep(submitted, orderId, SUBMITTED_MAX),
    seen(request) {
      keep(requests, request, REQUESTS_MAX);
      log(`${request.endpoint}: ${request.fault ?? "healthy"}`);
    },
    goAway(forMs) {
      void setFault("refuse");
      comeBack = clock.after(forMs, () => void setFault(null));
    },
  });
  const listener = createListener(routes, options.port ?? 0, options.host ?? "127.0.0.1");
  let started = false;
  let isAway = false;
  const setFault = async (fault: FaultInput): Promise<void> => {
    comeBack();
    faults.set(fault);
    isAway = faultOf(fault)?.fault === "refuse";
    if (started) await (isAway ? listener.close() : listener.open());
  };
  void setFault(options.fault ?? null);

  return {
    get url() {
      return listener.url();
    },
    async listen() {
      await listener.open();
      started = true;
      if (isAway) await listener.close();
      return listener.url();
    },
    async close() {
      started = false;
      comeBack();
      printer.stop();
      await listener.close();
    },
    slips: printer.slips,
    requests,
    script: faults.script,
    setFault,
    confirm: printer.confirm,
  };
}
