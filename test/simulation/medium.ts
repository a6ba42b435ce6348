import type { Ledger } from "../../src/ledger/ledger.ts";

/** The database that a world's ledger is in. */
export interface Medium {
  /** Whether others may work on it too, so that a relay goes by who of them lives (decision 33). */
  shared: boolean;
  /** Open for as long as the world lasts. */
  ledger: Ledger;
  eyes: Eyes;
  /** As the process does when it starts. @param life its number in this world */
  open(life: number): Promise<Ledger>;
  /** Its connections end, in the middle of what they do; it may have others. */
  drop(life: number): void;
  /** Its process was killed: what it has under way is stored when this returns, or will never be. */
  cutOff(life: number): void;
  close(): Promise<void>;
}

/** A new, empty one, for one world at a time. */
export type OpenMedium = () => Promise<Medium>;

/** Looks at what is really stored, past the code under test and at once: nothing moves in the world meanwhile. */
export interface Eyes {
  /** @param sql with `?` for the value, if there is one */
  look<Row>(sql: string, value?: string): Row[];
  /** `ok`, or what is broken. */
  integrity(): string;
  /** Rows that belong to none. */
  strays(): number;
}
