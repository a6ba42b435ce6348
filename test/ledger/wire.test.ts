import { MessageChannel } from "node:worker_threads";
import { createLedgerClient } from "../../src/ledger/wire/client.ts";
import { serveLedger } from "../../src/ledger/wire/server.ts";
import { contractOfLedger } from "./contract.ts";
import { openSqliteUnderTest } from "./sqlite-ledger.ts";
import type { LedgerUnderTest } from "./under-test.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";

/** The same ledger, spoken to over a message channel, as from another thread. */
function behindChannel(ledger: Ledger): Ledger {
  return createLedgerClient(() => {
    const { port1, port2 } = new MessageChannel();
    serveLedger(port1, Promise.resolve(ledger));
    return port2;
  });
}

async function openWiredLedger(): Promise<LedgerUnderTest> {
  const under = await openSqliteUnderTest();
  return { ...under, ledger: behindChannel(under.ledger) };
}

contractOfLedger("SQLite behind a channel", openWiredLedger);
