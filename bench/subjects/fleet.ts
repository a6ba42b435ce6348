import type { Bench } from "../figure.ts";
import { startRelay, type Relay } from "./relay.ts";

/** Several relays on one PostgreSQL ledger. */
export interface Fleet {
  relays: Relay[];
  /** Processor time that all of them took so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** @param database its address */
export async function startFleet(bench: Bench, database: string, size: number): Promise<Fleet> {
  const relays: Relay[] = [];
  for (let n = 0; n < size; n++) relays.push(await startRelay(await bench.home({ database })));
  return {
    relays,
    cpuMs: () => relays.reduce((sum, relay) => sum + relay.cpuMs(), 0),
    async stop() {
      await Promise.all(relays.map((relay) => relay.stop()));
    },
  };
}
