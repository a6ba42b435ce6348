import type { Config } from "./config.ts";
import type { Clock } from "./core/time.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Relay } from "./relay.ts";

/** What differs between the real process and a test or the demo. */
export interface Overrides {
  clock?: Clock;
  chance?: () => number;
  /** Where log lines go; standard output unless given. */
  logTo?: { write(line: string): void };
}

/** The relay's parts on one ledger, without its server and worker: what the command line works with. */
export interface Kit {
  ledger: Ledger;
  relay: Relay;
  /** Path of the key file that encrypts the stored secrets; null when RELAY_ENCRYPTION_KEY does. For `doctor`. */
  keyFile: string | null;
  /** Whether a service holds this ledger now. */
  serviceRunning(): boolean;
  close(): Promise<void>;
}

/** The running service. */
export interface Service extends Kit {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  url: string;
  /** The operators' token: the configured one, or the one made for this run. */
  adminToken: string;
  adminTokenMade: boolean;
}

export declare function openKit(config: Config, overrides?: Overrides): Promise<Kit>;
export declare function startService(config: Config, overrides?: Overrides): Promise<Service>;
