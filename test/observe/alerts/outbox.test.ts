import { expect, test } from "vitest";
import type { AlertMessage } from "../../../src/ledger/alert-ledger.ts";
import { createOutbox } from "../../../src/observe/alerts/outbox.ts";
import type { SendResult } from "../../../src/observe/alerts/sender.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { groupsOf } from "../../../src/observe/alerts/message.ts";
import { anAlert } from "../../http/samples.ts";
import { NOON } from "../../ledger/entries.ts";

test("regression: where one try could not be written down, the rest of the round was sent a second time", async () => {
  const sent: string[] = [];
  const failures: unknown[] = [];
  const slow = Promise.withResolvers<SendResult>();
  const outbox = createOutbox({
    ledger: {
      alertsDue: () => Promise.resolve({ to_tell: [], messages: [message("quick"), message("slow")] }),
      tellAlerts: () => Promise.resolve(true),
      recordMessage: (id) => (id === "quick" ? Promise.reject(new Error("disk full")) : Promise.resolve()),
    },
    sender: {
      send({ id }) {
        sent.push(id);
        return id === "quick" ? Promise.resolve({ kind: "sent" }) : slow.promise;
      },
      close: () => slow.resolve({ kind: "sent" }),
    },
    clock: createManualClock(NOON),
    chance: () => 0,
    makeId: () => "1",
    publicUrl: "https://relay.example",
    slipOf: () => Promise.reject(new Error("none")),
    draw: () => "",
    onFailure: () => undefined,
    onLedgerFailure: (error) => void failures.push(error),
  });
  await outbox.work();
  await new Promise(setImmediate);
  await outbox.work();
  await new Promise(setImmediate);
  expect(sent).toEqual(["quick", "slow"]);
  await outbox.stop();
  expect(failures).toEqual([new Error("disk full")]);
});

test.each([
  ["raised", 10, 10],
  ["raised", 11, 1],
  ["told again", 1, 1],
  ["told again", 2, 1],
  ["over", 3, 3],
  ["over", 4, 1],
] as const)("alerts of a type that are %s, %i of them: in %i messages", (news, count, messages) => {
  const told_at = news === "raised" ? null : NOON;
  const alert = anAlert({ told_at, closed_at: news === "over" ? NOON : null });
  expect(groupsOf(Array.from({ length: count }, () => alert))).toHaveLength(messages);
});

function message(id: string): AlertMessage {
  return { id, body: "{}", tries: 0 };
}
