import type { Act, EnqueueResult, InboundEntry, Ledger } from "../ledger.ts";
import { LARGE_BYTES_MIN, packAside } from "./pack.ts";

/** What of an entry is packed before its transaction begins. */
export interface PackedAhead {
  body: Buffer;
  ticket: Buffer | undefined;
}

/**
 * Large entries wait for each other, and those of one store also for other stores': each is packed beside the ledger's
 * thread and written before the next is begun, so that in between whatever is small gets its commit.
 */
export function createLargeEntries(
  write: (entry: InboundEntry, act?: Act, ahead?: PackedAhead) => Promise<EnqueueResult>,
): Ledger["enqueue"] {
  /** By store; the one at the front is next. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  let isRunning = false;

  async function runAll(): Promise<void> {
    isRunning = true;
    for (let next = takeNext(); next !== undefined; next = takeNext()) await next();
    isRunning = false;
  }

  function takeNext(): (() => Promise<void>) | undefined {
    for (const [store, works] of waiting) {
      const work = works.shift();
      waiting.delete(store);
      if (works.length > 0) waiting.set(store, works);
      return work;
    }
    return undefined;
  }

  return (entry, act) => {
    const { body, store } = entry.webhook;
    // A ticket has little that its body has not.
    if (body.length < LARGE_BYTES_MIN) return write(entry, act);
    return new Promise((resolve, reject) => {
      const works = waiting.get(store) ?? [];
      works.push(() =>
        packEntry(entry)
          .then((ahead) => write(entry, act, ahead))
          .then(resolve, reject),
      );
      waiting.set(store, works);
      if (!isRunning) void runAll();
    });
  };
}

async function packEntry({ webhook, delivery }: InboundEntry): Promise<PackedAhead> {
  const ticket = delivery === null ? undefined : await packAside(JSON.stringify(delivery.ticket));
  return { body: await packAside(webhook.body), ticket };
}
