import type { NewerSchema } from "../core/newer-schema.ts";
import type { UnixMs } from "../core/time.ts";

/** A relay's service as it tells of itself. */
export interface ServiceIdentity {
  /** One of its own for every run. */
  id: string;
  /** Of the relay. */
  version: string;
  started_at: UnixMs;
  /** By which others on its machine can tell that it has ended; null: they cannot. */
  process: string | null;
}

/** One that is alive, or was until a moment ago. */
export interface LivingService extends ServiceIdentity {
  /** Not heard of again by then, it is dead. */
  seen_until: UnixMs;
  leads: boolean;
}

/** What a service learns when it tells that it lives. */
export interface Beat {
  /** Whether it is the one that does what is to be done once. */
  leads: boolean;
  /** Living services beside it. */
  others: number;
}

/** A time in which the cloud, or one printer's account there, does not take orders, as it is told to every relay. */
export interface Outage {
  scope: string;
  since: UnixMs;
  /** Not looked for before. */
  probe_at: UnixMs;
  /** No connection could be made at all. */
  unreachable: boolean;
}

/** Claims of one service that came to nothing, as it knows: nobody has sent what they took, nor asked about it. */
export interface VainClaims {
  by: string;
  /** Of what they took. */
  state: "sending" | "verifying";
  /** When their leases end: from the first to the last. */
  lease_until: { first: UnixMs; last: UnixMs };
  /** Of one delivery; none: of all. */
  id?: string;
}

/**
 * The part of the ledger about the relays that work on it at the same time. Where a ledger is one service's alone,
 * nobody calls any of this.
 */
export interface ServiceLedger {
  /**
   * Says that `service` lives until `now + forMs`. Of all that live exactly one leads: the one that led for as long as
   * it lives, then whoever beats first. Services that died a day ago are forgotten meanwhile.
   */
  beat(service: ServiceIdentity, now: UnixMs, forMs: number): Promise<Beat>;
  /** It ends by its own will, or is known to have ended: another may lead, and take up what it had, at once. */
  leaveService(id: string): Promise<void>;
  /** By the clock of the database's machine; null: it has none of its own. */
  time(): Promise<UnixMs | null>;
  /** As it was when the ledger was opened; null: this relay knows all of the schema. */
  newerSchema(): Promise<NewerSchema | null>;
  /** What the database's server is set to that loses what it has committed when its machine fails, by name. */
  unsafeSettings(): Promise<string[]>;
  /** Those that live, the oldest first. */
  services(now: UnixMs): Promise<LivingService[]>;

  /**
   * What such claims took is as it was before, and due: not marked, and not counted. What is another claim's by now is
   * left alone. @returns how many
   */
  handBack(claims: VainClaims, now: UnixMs): Promise<number>;

  outages(): Promise<Outage[]>;
  /** One that is known already stays as it is. */
  beginOutage(outage: Outage): Promise<void>;
  endOutage(scope: string): Promise<void>;
}
