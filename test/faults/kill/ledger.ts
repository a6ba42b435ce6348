import type { LedgerFacts } from "./history.ts";

/** The ledger under the relay, as it is looked at from outside; the relay may be at work on it. */
export interface LedgerUnderKills {
  /** What the relay is told, as RELAY_DATABASE and more. */
  env: Record<string, string>;
  facts(): Promise<LedgerFacts>;
  /** @returns those of the ids that are there */
  stored(webhooks: readonly string[]): Promise<Set<string>>;
  /** Deliveries that are neither accepted nor printed yet; of these, the held ones wait for an operator. */
  unsettled(): Promise<{ waiting: number; held: string[] }>;
  /** The relay is dead: what it held on to, it loses now and not when its time is over. */
  forsake(): Promise<void>;
  close(): Promise<void>;
}
