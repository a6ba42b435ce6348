import { describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createLedgerClient } from "../../src/ledger/wire/client.ts";
import { serveLedger, type ServerPort } from "../../src/ledger/wire/server.ts";
import type { FromLedger, Reply, ToLedger } from "../../src/ledger/wire/messages.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { anEntry, NOON } from "./entries.ts";

// Who waits for whom between a service and its ledger's thread, message by message.

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function turns(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) await turn();
}

/** A ledger that writes down what it does, when it does it; what is enqueued is committed at the end of the turn. */
function notingLedger(): { ledger: Ledger; done: string[] } {
  const done: string[] = [];
  const ledger = {
    findDelivery(id: string) {
      done.push(`look ${id}`);
      return Promise.resolve(null);
    },
    enqueue: () =>
      new Promise((resolve) =>
        setImmediate(() => {
          done.push("commit");
          resolve({ status: "accepted" });
        }),
      ),
    close: () => Promise.resolve(done.push("close")),
  };
  return { ledger: ledger as unknown as Ledger, done };
}

const call = (number: number, method: "findDelivery" | "enqueue" | "close", json: string): ToLedger => [
  { number, method, json, body: null },
];
const look = (number: number): ToLedger => call(number, "findDelivery", `["${number}"]`);

describe("the ledger's thread", () => {
  function serve(ledger: Ledger): { come: (message: ToLedger) => void; replies: number[] } {
    const replies: number[] = [];
    let come: (message: ToLedger) => void = () => undefined;
    const port: ServerPort = {
      postMessage: (message) => {
        if (message !== "foreign write") replies.push(...message.map(({ number }) => number));
      },
      on: (_event, listener) => (come = listener),
      close: () => undefined,
    };
    serveLedger(port, () => Promise.resolve(ledger), createManualClock(NOON));
    return { come, replies };
  }

  test("regression: a webhook's commit waited for all that was looked for before it", async () => {
    const { ledger, done } = notingLedger();
    const { come, replies } = serve(ledger);
    for (let number = 1; number <= 5; number++) come(look(number));
    come(call(6, "enqueue", JSON.stringify([{ webhook: {} }])));
    await turns(60);
    expect(done.indexOf("commit")).toBeLessThanOrEqual(1);
    expect(done.filter((what) => what !== "commit")).toEqual([
      "look 1",
      "look 2",
      "look 3",
      "look 4",
      "look 5",
    ]);
    expect(replies.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("what was looked for before it is closed is found", async () => {
    const { ledger, done } = notingLedger();
    const { come } = serve(ledger);
    for (let number = 1; number <= 3; number++) come(look(number));
    come(call(4, "close", "[]"));
    await turns(60);
    expect(done).toEqual(["look 1", "look 2", "look 3", "close"]);
  });
});

describe("its client", () => {
  function client(): {
    ledger: Ledger;
    /** How many calls each message had that has gone to the ledger. */
    sent: number[];
    come: (message: FromLedger) => void;
    die: () => void;
  } {
    const listeners = new Map<string, (message: FromLedger) => void>();
    const sent: number[] = [];
    const port = {
      postMessage: (calls: ToLedger) => void sent.push(calls.length),
      on: (event: string, listener: (message: FromLedger) => void) => listeners.set(event, listener),
    };
    return {
      sent,
      ledger: createLedgerClient(() => port),
      come: (message) => listeners.get("message")?.(message),
      die: () => listeners.get("exit")?.([]),
    };
  }
  const reply = (number: number, json: string): Reply => ({ number, json, body: null });

  test("regression: a webhook waited for all the pages that were being made", async () => {
    const { ledger, come } = client();
    const done: string[] = [];
    for (let nth = 1; nth <= 5; nth++) void ledger.findDelivery("x").then(() => done.push(`page ${nth}`));
    void ledger.enqueue(anEntry(1)).then(() => done.push("webhook"));
    await turn();
    for (let number = 1; number <= 5; number++) come([reply(number, "null")]);
    come([reply(6, "{}")]);
    await turns(60);
    expect(done).toEqual(["webhook", "page 1", "page 2", "page 3", "page 4", "page 5"]);
  });

  test("regression: of a crowd of webhooks none was stored before all were read", async () => {
    const { ledger, sent } = client();
    for (let nth = 1; nth <= 20; nth++) {
      void ledger.enqueue(anEntry(nth));
      await Promise.resolve();
    }
    expect(sent).toEqual([16]);
    await turn();
    expect(sent).toEqual([16, 4]);
  });

  test("and makes one page after the other", async () => {
    const { ledger, come } = client();
    const done: number[] = [];
    for (let nth = 1; nth <= 3; nth++) void ledger.findDelivery("x").then(() => done.push(nth));
    await turn();
    come([reply(1, "null"), reply(2, "null"), reply(3, "null")]);
    await turn();
    expect(done.length).toBeLessThanOrEqual(1);
    await turns(40);
    expect(done).toEqual([1, 2, 3]);
  });

  test("what has come when the thread dies is taken", async () => {
    const { ledger, come, die } = client();
    const found = [ledger.findDelivery("x"), ledger.findDelivery("y")];
    const lost = expect(ledger.findDelivery("z")).rejects.toMatchObject({ code: "ledger_unavailable" });
    await turn();
    come([reply(1, "null")]);
    come([reply(2, "null")]);
    die();
    expect(await Promise.all(found)).toEqual([null, null]);
    await lost;
  });
});
