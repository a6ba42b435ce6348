import type { LoadMode, LoadReport } from "./load/plan.ts";
import type { BaselineName } from "./subjects/baseline.ts";
import type { Cloud } from "./subjects/cloud.ts";
import type { Relay, RelayHome, RelayOptions } from "./subjects/relay.ts";
import type { Postgres } from "./subjects/postgres.ts";
import type { Subject } from "./subjects/subject.ts";

/** As the table's MB: 10⁶ bytes, not 2²⁰. */
export const MEGABYTE = 1e6;

/** How much of everything. */
export interface Extent {
  rounds: number;
  /** Of every closed-loop run, warm-up not counted. */
  seconds: number;
  /** In a backlog. */
  orders: number;
  /** Settled ones in the filled ledger. */
  rows: number;
}

/** Who takes the load; of several each has its share of the connections. */
export type Target = Pick<Subject, "url"> | readonly Pick<Subject, "url">[];

/** What a figure measures with. */
export interface Bench {
  extent: Extent;
  cloud: Cloud;
  /** Of this bench run; gone at its end. */
  folder: string;
  home(options?: Partial<RelayOptions>): Promise<RelayHome>;
  /** On a home of its own unless one is given. */
  relay(options?: Partial<RelayOptions>): Promise<Relay>;
  baseline(name: BaselineName, flushUs?: number): Promise<Subject>;
  /** Runs the load generator to its end, with 50 connections in all; no longer than until `ended` is settled. */
  load(target: Target, mode: LoadMode, repeats?: number, ended?: Promise<unknown>): Promise<LoadReport>;
  /** As quick as answers come, for the run's seconds, after a warm-up. */
  closedLoop(target: Target, repeats?: number): Promise<LoadReport>;
  /** A home whose ledger holds `rows` settled deliveries; made at the first call. To be copied, not started. */
  filled(): Promise<RelayHome>;
  /** The server of this bench run, started at the first call. */
  postgres(): Promise<Postgres>;
  /** Address of a PostgreSQL ledger of that many, as `filled`. */
  filledDatabase(): Promise<string>;
}

/** One round's numbers by name; null: it cannot be measured on this machine. */
export type Sample = Record<string, number | null>;

/** One line of the table; numbers are named as in the sample. */
export interface RowSpec {
  what: string;
  unit: "/s" | "ms" | "B" | "MB" | "";
  measured: string;
  at_least?: number;
  at_most?: number;
  baseline?: { name: string; measured: string };
  /** Measured ÷ baseline. */
  ratio_at_least?: number;
  ratio_at_most?: number;
  /** Why there may be nothing. */
  missing?: string;
}

export interface Figure {
  /** For `--only`. */
  name: string;
  /** One round. */
  measure(bench: Bench): Promise<Sample>;
  rows: (extent: Extent) => RowSpec[];
}
