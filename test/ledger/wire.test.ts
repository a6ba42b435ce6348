import { once } from "node:events";
import { MessageChannel, type Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import { ledgerPlace } from "../../src/core/ledger-place.ts";
import { createLedgerClient } from "../../src/ledger/wire/client.ts";
import { serveLedger } from "../../src/ledger/wire/server.ts";
import { openLedgerIn, startLedgerThread } from "../../src/ledger/wire/thread.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { contractOfLedger } from "./contract.ts";
import { anEntry, NOON } from "./entries.ts";
import { makeFolder, openSqliteUnderTest, TEST_KEY } from "./sqlite-ledger.ts";
import type { LedgerUnderTest } from "./under-test.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";

/** The same ledger, spoken to over a message channel, as from another thread. */
function behindChannel(ledger: Ledger): Ledger {
  return createLedgerClient(() => {
    const { port1, port2 } = new MessageChannel();
    serveLedger(port1, () => Promise.resolve(ledger), createManualClock(NOON));
    return port2;
  });
}

async function openWiredLedger(): Promise<LedgerUnderTest> {
  const under = await openSqliteUnderTest();
  return { ...under, ledger: behindChannel(under.ledger) };
}

contractOfLedger("SQLite behind a channel", openWiredLedger);

test("a thread that dies is started again, what was under way is refused, and a closed ledger stays closed", async () => {
  const folder = makeFolder();
  const data = { place: ledgerPlace(folder.file("relay.db")), given_keys: [TEST_KEY] };
  const threads: Worker[] = [];
  const ledger = createLedgerClient(() => {
    const thread = openLedgerIn(startLedgerThread(), data);
    threads.push(thread);
    return thread;
  });
  ledger.onForeignWrite(() => undefined);
  expect(await ledger.enqueue(anEntry(1, { order_id: "7" }))).toMatchObject({ status: "accepted" });
  const underWay = expect(ledger.enqueue(anEntry(2))).rejects.toMatchObject({ code: "ledger_unavailable" });
  await new Promise((resolve) => setImmediate(resolve));
  await threads[0]?.terminate();
  await underWay;
  expect(await ledger.enqueue(anEntry(3, { order_id: "7" }))).toMatchObject({ status: "duplicate" });
  const ended = once(threads[1]!, "exit");
  await ledger.close();
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  expect(threads).toHaveLength(2);
  folder.remove();
});

test("bug: a ledger that could not be opened once was never opened again: the next call tries anew, not each", async () => {
  const clock = createManualClock(NOON);
  const done: string[] = [];
  const trouble = { isOver: false };
  const ledger = {
    ping: () => Promise.resolve(void done.push("ping")),
    onForeignWrite: () => void done.push("watch"),
    close: () => Promise.resolve(void done.push("close")),
  } as unknown as Ledger;
  const open = (): Promise<Ledger> => {
    done.push("open");
    return trouble.isOver
      ? Promise.resolve(ledger)
      : Promise.reject(new RelayError("ledger_unavailable", "away"));
  };
  const client = createLedgerClient(() => {
    const { port1, port2 } = new MessageChannel();
    serveLedger(port1, open, clock);
    return port2;
  });
  const heard: string[] = [];
  client.onForeignWrite(() => heard.push("foreign write"));
  const refused = { code: "ledger_unavailable", message: "away" };
  for (let nth = 0; nth < 5; nth++) await expect(client.ping(NOON)).rejects.toMatchObject(refused);
  expect(done).toEqual(["open"]);
  await clock.advance(1000);
  expect(done).toEqual(["open"]);
  await expect(client.ping(NOON)).rejects.toMatchObject(refused);
  trouble.isOver = true;
  await expect(client.ping(NOON)).rejects.toMatchObject(refused);
  await clock.advance(1000);
  await Promise.all([client.ping(NOON), client.ping(NOON)]);
  // It is watched as before, and whoever watches hears of what was missed.
  expect(done).toEqual(["open", "open", "open", "watch", "ping", "ping"]);
  expect(heard).toEqual(["foreign write"]);
  await client.close();
});
