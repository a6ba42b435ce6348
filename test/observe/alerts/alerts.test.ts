import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aTicket, HOUR } from "../../ledger/entries.ts";
import { attempted } from "./events.ts";
import { createStage, SECRET, type Stage } from "./stage.ts";

const MINUTE = 60_000;
let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.end();
});

function idsOf({ receiver }: Stage): (string | string[] | undefined)[] {
  return receiver.received.map(({ headers }) => headers["webhook-id"]);
}

describe("a message", () => {
  test("is signed so that the reference library of Standard Webhooks takes it", async () => {
    await stage.die(1);
    await stage.look(1);
    const [{ headers, text }] = stage.receiver.received as [(typeof stage.receiver.received)[number]];
    // The library looks at the machine's clock; the stage's stands at noon.
    vi.useFakeTimers({ now: stage.clock.now(), toFake: ["Date"] });
    const verified = new Webhook(SECRET).verify(text, headers as Record<string, string>);
    expect(verified).toMatchObject({ type: "delivery.dead" });
    expect(() => new Webhook(SECRET).verify(`${text} `, headers as Record<string, string>)).toThrow();
  });

  test("carries order, store, printer, reason, link and the slip", async () => {
    const id = await stage.die(1);
    await stage.look(1);
    const [body] = stage.bodies();
    const link = `https://relay.example/deliveries/${id}`;
    expect(body?.text).toBe(
      `Order #1001 (noodle-bar → kitchen): the cancellation will not print. Sign error. ${link}`,
    );
    expect(body?.data).toMatchObject({
      ...{ delivery: id, order: "order-1", order_name: "#1001", store: "noodle-bar", printer: "kitchen" },
      ...{
        reason: "sign error",
        link,
        state: "open",
        severity: "critical",
        raised_at: "2026-11-03T12:00:00.000Z",
      },
    });
    expect(body?.data.slip).toContain("CANCELLED");
    expect(body?.data.slip).toContain("牛肉麵");
  });

  test("has nothing of the buyer and no secret in it, whatever the matter is", async () => {
    const [phone, name, secret] = ["+886912345678", "Marked Buyer", "marked-secret-7f3a"];
    const buyer = { name, phone, address: "5 Marked Lane", town: "Markedville" };
    const item = { quantity: "1", name: "Soup", variant: "hot", sku: null, amount: "1.00" };
    const ticket = aTicket({
      ...{ buyer, buyer_note: `call ${phone}`, merchant_note: `ask ${name}`, reason: `said ${phone}` },
      ...{ shipping_method: `to ${buyer.address}` },
      items: [{ ...item, options: [{ name: "engraving", value: name }], note: `for ${name}` }],
    });
    await stage.die(1, { ticket }, "wrong phone number");
    await stage.look(1);
    await stage.redrive(1);
    await stage.look(2, MINUTE);
    const [body] = stage.bodies();
    expect(body?.data.slip).toContain("Soup");
    const all = JSON.stringify([
      stage.bodies(),
      await stage.ledger.listAlerts({ limit: 10 }),
      stage.failures,
    ]);
    for (const word of [phone, "912", "345", name, "Marked", secret, "secret-path"])
      expect(all).not.toContain(word);
  });
});

describe("raised, repeated, closed", () => {
  test("its end says what ended it and how long it lasted", async () => {
    await stage.die(1);
    await stage.look(1);
    await stage.clock.advance(11 * MINUTE);
    await stage.redrive(1);
    await stage.look(2);
    expect(stage.bodies()[1]).toMatchObject({
      type: "delivery.dead.closed",
      text: expect.stringMatching(
        /^Over after 11 min: Order #1001 .*will not print\. Now it is sent again\. https/,
      ),
      data: { state: "closed", ended: "it is sent again" },
    });
    await stage.clock.advance(3 * HOUR);
    expect(stage.receiver.received).toHaveLength(2);
  });

  test("what stays open is repeated after an hour, all of its type in one message", async () => {
    await stage.die(1);
    await stage.die(2);
    await stage.look(2);
    await stage.clock.advance(59 * MINUTE);
    expect(stage.receiver.received).toHaveLength(2);
    await stage.look(3, MINUTE);
    expect(stage.bodies()[2]?.text).toBe(
      "Open: 2 of delivery.dead (the cancellation will not print), the oldest for 1 h: #1001, #1002. https://relay.example/",
    );
  });

  test("what comes due in between waits for the next hour, and is told with the others", async () => {
    for (const n of [1, 2, 3, 4]) {
      await stage.die(n);
      await stage.look(n, 10 * MINUTE);
    }
    await stage.look(5, 21 * MINUTE);
    expect(stage.bodies()[4]?.text).toContain("Still so after 1 h: Order #1001");
    await stage.clock.advance(50 * MINUTE);
    expect(stage.receiver.received).toHaveLength(5);
    await stage.look(6, 10 * MINUTE);
    expect(stage.bodies()[5]?.text).toContain(": #1002, #1003, #1004.");
  });

  test("a flood of two thousand is eleven messages, and two more when it is over", async () => {
    const all = Array.from({ length: 2000 }, (_, index) => index + 1);
    await Promise.all(all.map((n) => stage.die(n)));
    await stage.look(11, MINUTE + 5000);
    await stage.clock.advance(30 * MINUTE);
    expect(stage.receiver.received).toHaveLength(11);
    expect(stage.bodies()[10]?.text).toContain("1990 more of delivery.dead");
    expect(stage.bodies()[10]?.data).toMatchObject({
      count: 1990,
      link: "https://relay.example/deliveries?state=dead",
    });
    expect(await stage.ledger.listAlerts({ limit: 200 })).toHaveLength(11);
    await Promise.all(all.map((n) => stage.redrive(n)));
    await stage.look(13, 2 * MINUTE);
    await stage.clock.advance(HOUR);
    expect(stage.bodies().slice(11)).toMatchObject([
      { type: "delivery.dead.closed", data: { count: 10 } },
      { type: "delivery.dead.closed", data: { count: 1990, ended: "all of them are settled" } },
    ]);
  }, 60_000);

  test("without an address alerts stand in the ledger all the same", async () => {
    const silent = await createStage({ address: null });
    await silent.die(1);
    silent.alerts.consider({ event: "cloud.lost", scope: "cloud", detail: "ECONNREFUSED" });
    await silent.clock.advance(5000);
    const open = await silent.ledger.listAlerts({ state: "open", limit: 10 });
    expect(open.map(({ type, told_at }) => [type, told_at])).toEqual([
      ["cloud.lost", null],
      ["delivery.dead", null],
    ]);
    await silent.end();
  });
});

describe("an address that does not take them", () => {
  test("refuses, resets and hangs: the same id and body each time, further and further apart", async () => {
    stage.receiver.behave({ status: 500 }, "reset", "hang", { status: 302, headers: { location: "/" } });
    await stage.die(1);
    await stage.look(1, 250);
    await stage.look(2, 5000);
    await stage.clock.advance(4 * MINUTE);
    expect(stage.receiver.received).toHaveLength(2);
    // The third hangs until it is given up after ten seconds.
    await stage.clock.advance(MINUTE);
    await stage.receiver.until(3);
    await stage.look(3, 10_000);
    await stage.look(4, 30 * MINUTE);
    await stage.look(5, 2 * HOUR);
    expect(new Set(idsOf(stage)).size).toBe(1);
    expect(new Set(stage.receiver.received.map(({ text }) => text)).size).toBe(1);
    expect(stage.failures).toHaveLength(4);
    expect(stage.failures[2]).toBe("the alert address did not answer within 10 s");
    expect(stage.failures.join()).not.toContain("secret-path");
    // What did not arrive stands in the ledger, and is over when one has.
    await stage.clock.advance(5000);
    expect(await stage.ledger.listAlerts({ type: "alerts.unsent", limit: 5 })).toMatchObject([
      { state: "closed", ended: "one has arrived" },
    ]);
  });

  test("Retry-After is honoured where it is longer than the schedule", async () => {
    stage.receiver.behave({ status: 429, headers: { "retry-after": "120" } });
    await stage.die(1);
    await stage.look(1, 250);
    await stage.clock.advance(119_000);
    expect(stage.receiver.received).toHaveLength(1);
    await stage.look(2, 6000);
    expect(idsOf(stage)[1]).toBe(idsOf(stage)[0]);
  });

  test("410: nothing is sent there any more until the next start", async () => {
    stage.receiver.behave({ status: 410 });
    await stage.die(1);
    await stage.look(1, 250);
    await stage.die(2);
    await stage.clock.advance(HOUR / 2);
    expect(stage.receiver.received).toHaveLength(1);
    const open = await stage.ledger.listAlerts({ state: "open", limit: 10 });
    expect(open.map(({ type }) => type)).toContain("alerts.unsent");
    await stage.restart();
    await stage.die(3);
    await stage.look(2);
    expect(stage.bodies()[1]?.text).toContain("#1003");
  });

  test("a restart in the middle goes on where it was: the same id, the same body", async () => {
    stage.receiver.behave({ status: 503 }, "hang");
    await stage.die(1);
    await stage.look(1, 250);
    await stage.clock.advance(5000);
    await stage.receiver.until(2);
    await stage.restart();
    await stage.look(3, 6 * MINUTE);
    expect(new Set(idsOf(stage)).size).toBe(1);
    expect(new Set(stage.receiver.received.map(({ text }) => text)).size).toBe(1);
    await stage.clock.advance(MINUTE);
    expect(stage.receiver.received).toHaveLength(3);
  });
});

describe("what an earlier process has left open", () => {
  test("is closed by this one when its cause has gone", async () => {
    stage.alerts.consider({ event: "cloud.lost", scope: "cloud", detail: "ECONNREFUSED" });
    await stage.look(1, 20_000);
    await stage.restart();
    stage.alerts.consider(attempted({ outcome: "accepted" }));
    await stage.look(2, 2 * MINUTE);
    expect(stage.bodies()[1]).toMatchObject({ type: "cloud.lost.closed", data: { ended: "it answers" } });
    // Open pages look again when it is written: at once after its event there would be nothing to see.
    expect(stage.changes).toBe(2);
  });
});
