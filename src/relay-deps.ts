import type { PlatformName } from "./core/cancellation.ts";
import type { Leadership } from "./core/leadership.ts";
import type { PublicAddress } from "./core/public-address.ts";
import type { PrinterSettings, StoreSettings } from "./core/settings.ts";
import type { SlipMarks, Ticket } from "./core/ticket.ts";
import type { Clock } from "./core/time.ts";
import type { GoodcomClient, PrintOrder } from "./goodcom/api.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Emit } from "./observe/events.ts";
import type { Trace } from "./observe/tracing.ts";
import type { Platform } from "./platforms/platform.ts";
import type { SampleOptions, SampleWebhook } from "./platforms/sample.ts";
import type { Inbound } from "./stores/inbound.ts";

/** Everything that the story and the acts need from outside, put together by kit.ts. */
export interface RelayDeps {
  ledger: Ledger;
  platforms: Record<PlatformName, Platform>;
  goodcom: GoodcomClient;
  /** The ticket as Goodcom's order, for one printer. */
  compose: (ticket: Ticket, marks: SlipMarks, printer: PrinterSettings) => PrintOrder;
  /** The current settings, by name. */
  store: (name: string) => StoreSettings | undefined;
  printer: (name: string) => PrinterSettings | undefined;
  /** Has the two above follow the ledger, after a change of its settings. */
  reloadSettings: () => Promise<void>;
  /** The same for who misses something there, now and then only. @returns whether it was done. Never throws */
  settingsAgain: () => Promise<boolean>;
  /** A signed cancellation as the platform's shops send them, for the test of a store. */
  sample: (platform: PlatformName, options: SampleOptions) => SampleWebhook;
  publicAddress: () => Promise<PublicAddress>;
  inbound: Inbound;
  callbackUrl: (deliveryId: string) => string;
  isCallbackToken: (deliveryId: string, token: string) => boolean;
  leadership: Pick<Leadership, "id" | "shared" | "isAlive">;
  clock: Clock;
  chance: () => number;
  /** A new ULID. */
  makeId: () => string;
  emit: Emit;
  /** Undefined: no traces are made. */
  trace?: Trace | undefined;
  /** Something is due, or to be erased: tells the worker of this process, if there is one. */
  wake: (what?: "erasure") => void;
}
