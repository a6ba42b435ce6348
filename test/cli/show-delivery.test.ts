import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

// The operator's question: did order 1001's cancellation print, and if not, why, and what is to be done?

let house: House;
let serviceRuns: boolean;

beforeEach(async () => {
  house = await createHouse();
  serviceRuns = true;
});
afterEach(() => house.close());

async function relay(argv: string[]) {
  const kit = kitOn(house, {
    serviceRunning: () => Promise.resolve(serviceRuns),
    now: () => house.clock.now(),
  });
  const fake = fakeCli({ kit });
  const code = await run(argv, { ...fake.cli, clock: house.clock });
  return { code, out: fake.out(), err: fake.err() };
}

test("show, by id in any case and by order", async () => {
  const id = await house.cancel("1001", { cancel_reason: "changed mind" });
  const { out: byId, code } = await relay(["deliveries", "show", id.toLowerCase()]);
  expect(code).toBe(0);
  expect(byId).toContain(`delivery   ${id}`);
  expect(byId).toContain("reason     changed mind");
  expect(byId).toMatch(/┌─+┐/);
  const { out: byOrder } = await relay(["deliveries", "show", "#1001"]);
  expect(byOrder).toBe(byId);
  const { out: json } = await relay(["deliveries", "show", "1001", "--json"]);
  expect(JSON.parse(json)).toMatchObject({
    id,
    order_id: "1001",
    reason: "changed mind",
    attempts: [{ http_status: 200 }],
  });
});

test("show did not say whether it printed, nor what to do", async () => {
  house.cloud.script({ kind: "rejected", detail: "code 4001: printer is offline" });
  const dead = await house.cancel("1001");
  const { out } = await relay(["deliveries", "show", "1001"]);
  expect(out.split("\n").slice(0, 4)).toEqual([
    "answer     Did not print. Refused by the cloud: code 4001: printer is offline.",
    "to do      Tell the kitchen by hand. Mend the cause, then redrive.",
    `           relay deliveries redrive ${dead}`,
    "",
  ]);
  house.cloud.script("accepted");
  await house.cancel("1002");
  const { out: waiting } = await relay(["deliveries", "show", "1002"]);
  expect(waiting).toMatch(
    /^answer {5}Sent, not confirmed\. .*\nto do {6}Nothing yet: it goes on by itself\.\n\n/,
  );
  serviceRuns = false;
  const { out: stopped } = await relay(["deliveries", "show", "1002"]);
  expect(stopped).toMatch(/\nto do {6}Start the relay: no service is running on this ledger/);
});

test("bug: times were told in UTC, which nothing said, beside a slip in the printer's zone", async () => {
  const { printers, stores } = await house.ledger.settings();
  const moved = printers.map((printer) => ({ ...printer, time_zone: "Asia/Taipei" }));
  await house.ledger.apply({ printers: moved, stores }, { prune: false, now: house.clock.now() });
  await house.cancel("1001");
  const { out } = await relay(["deliveries", "show", "1001"]);
  // The house's clock begins at eight in the morning, UTC.
  expect(out).toMatch(/^answer {5}Sent, not confirmed\. Goodcom took it at 16:\d\d:\d\d UTC\+8 \(/);
  expect(out).toMatch(/^created {4}2027-01-15 16:\d\d:\d\d UTC\+8$/m);
  expect(out.match(/^time \(UTC\+8\) .*\n2027-01-15 16:/gm)).toHaveLength(2);
  const { out: json } = await relay(["deliveries", "show", "1001", "--json"]);
  expect(JSON.parse(json)).toMatchObject({ created_at: expect.stringMatching(/T08:.*Z$/) });
});

test("where clocks were set back between two rows, each names its offset", async () => {
  const { printers, stores } = await house.ledger.settings();
  const moved = printers.map((printer) => ({ ...printer, time_zone: "Europe/Berlin" }));
  await house.ledger.apply({ printers: moved, stores }, { prune: false, now: house.clock.now() });
  const id = await house.cancel("1001");
  const summer = Date.UTC(2026, 6, 1, 10, 0, 0);
  await house.ledger.change(id, {
    at: summer,
    by: "relay",
    decide: () => ({ set: {}, note: "as in summer" }),
  });
  const { out } = await relay(["deliveries", "show", id]);
  expect(out).toMatch(/^2026-07-01 12:00:00 UTC\+2 .* as in summer$/m);
  expect(out).toMatch(/^2027-01-15 09:\d\d:\d\d UTC\+1 .* received$/m);
});

test("bug: on a terminal the answer had left the window; it stands at the end, too", async () => {
  house.cloud.script({ kind: "rejected", detail: "printer is offline" });
  const id = await house.cancel("1001");
  const fake = fakeCli({ kit: kitOn(house), columns: 80 });
  await run(["deliveries", "show", id], { ...fake.cli, clock: house.clock });
  const lines = fake.out().trimEnd().split("\n");
  expect(lines.slice(-4)).toEqual(["", ...lines.slice(0, 3)]);
  expect(lines.at(-1)).toBe(`           relay deliveries redrive ${id}`);
});

test("show of an order with a reprint asked back which was meant", async () => {
  const first = await house.cancel("1001");
  const second = (await house.relay.reprint(first, "lost", "cli")).id;
  const { code, out } = await relay(["deliveries", "show", "1001"]);
  expect(code).toBe(0);
  expect(out).toContain(`\nalso       reprint 1: pending, ${second}\n`);
  expect(out).toContain(`\ndelivery   ${first}\n`);
});

test("bug: show of a dead delivery whose reprint had printed asked for a redrive", async () => {
  house.cloud.script({ kind: "rejected", detail: "code 4001: printer is offline" });
  const dead = await house.cancel("1001");
  house.cloud.script("accepted");
  const { id } = await house.relay.reprint(dead, "lost", "cli");
  await house.clock.advance(1_000);
  const { out: coming } = await relay(["deliveries", "show", dead]);
  expect(coming).toMatch(/^answer {5}Did not print itself\. Reprint 1 is on its way\. Refused by the cloud/);
  const told = { confirmation: { verdict: "accepted", message: null, time: null } as const, raw: "{}" };
  await house.relay.confirm(id, house.callbackToken(id), told);
  const { out } = await relay(["deliveries", "show", dead]);
  expect(out).toMatch(
    /^answer {5}Did not print itself\. Printed as reprint 1 at .*\nto do {6}Nothing\.\nalso /,
  );
  expect(out).not.toContain("redrive");
  // By hand it goes out all the same, and says what it may be.
  await house.relay.redrive(dead, "cli");
  await house.clock.advance(1_000);
  expect(house.cloud.sent.at(-1)?.request.order.order_txt).toContain("MAY BE A REPEAT");
});

test("show names the choice where two stores have the number", async () => {
  const first = await house.cancel("1001");
  const order = { id: 1001, cancelled_at: new Date(house.clock.now()).toISOString() };
  await house.webhook("cocktails", order);
  const [second] = await house.ledger.listDeliveries({ store: "cocktails", limit: 1 });
  const { code, err } = await relay(["deliveries", "show", "1001"]);
  expect(code).toBe(1);
  expect(err).toMatch(
    new RegExp(
      `^relay: order 1001 has several deliveries; give --store <name>, or the id of one: ` +
        `${second?.id ?? "none"} \\([a-z]+, cocktails\\), ${first} \\([a-z]+, noodle-bar\\)\\n$`,
    ),
  );
});

test("bug: show took no store where two have the number", async () => {
  const first = await house.cancel("1001");
  const order = { id: 1001, cancelled_at: new Date(house.clock.now()).toISOString() };
  await house.webhook("cocktails", order);
  const { code, out } = await relay(["deliveries", "show", "1001", "--store", "noodle-bar"]);
  expect([code, out]).toEqual([0, expect.stringContaining(`\ndelivery   ${first}\n`)]);
  const other = await relay(["deliveries", "show", first, "--store", "cocktails"]);
  expect([other.code, other.err]).toEqual([
    1,
    `relay: delivery ${first} is of store noodle-bar, not of cocktails\n`,
  ]);
  const none = await relay(["deliveries", "show", "1001", "--store", "noodles"]);
  expect(none.err).toMatch(/ order 1001 of store noodles, and no store of that name is configured now: see /);
});

test("bug: a ledger that knows no store said that the store sent nothing", async () => {
  await house.ledger.apply({ printers: [], stores: [] }, { prune: true, now: house.clock.now() });
  serviceRuns = false;
  expect(await relay(["deliveries", "show", "1001"])).toMatchObject({
    code: 1,
    err:
      "relay: no delivery with the id or order 1001: this ledger knows no store, and no service runs on it; " +
      "is RELAY_DATABASE the service's?\n",
  });
});

test("bug: redrive and reprint took no order's number, and answered NOPE to nope", async () => {
  house.cloud.script("rejected");
  const id = await house.cancel("1001");
  house.cloud.script("accepted");
  const again = await relay(["deliveries", "redrive", "#1001", "--store", "noodle-bar"]);
  expect([again.code, again.out]).toEqual([0, `${id} (order #1001) is pending again\n`]);
  await house.clock.advance(1_000);
  const second = await relay(["deliveries", "reprint", "1001", "--reason", "lost"]);
  expect([second.code, second.out]).toEqual([0, expect.stringMatching(/: reprint 1 of order #1001\n$/)]);
  for (const argv of [["redrive"], ["reprint", "--reason", "x"]]) {
    const { code, err } = await relay(["deliveries", ...argv, "nope"]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/ the id or order nope, [^\n]*relay deliveries list --q /),
    ]);
  }
});

test("show of nothing says how to look", async () => {
  const { code, err } = await relay(["deliveries", "show", "9999"]);
  expect(code).toBe(1);
  expect(err).toMatch(/^relay: no delivery with the id or order 9999, and no webhook [^\n]* names it: /);
  expect(err).toContain("relay alerts list");
  expect(err).toContain("relay deliveries list --q <part of it>\n");
});

test("show said of an order whose webhook was ignored that nothing is known of it", async () => {
  await house.webhook("noodle-bar", { id: "9002", name: "#9002", cancelled_at: null });
  const [webhook] = await house.ledger.listWebhooks({ limit: 1 });
  const { code, err } = await relay(["deliveries", "show", "9002"]);
  expect(code).toBe(1);
  expect(err).toMatch(/^relay: no delivery with the id or order 9002, so nothing was printed: webhook /);
  expect(err).toContain(`${webhook?.id ?? "none"} of noodle-bar names it and is ignored: `);
  expect(err).toContain(`see it with: relay webhooks show ${webhook?.id ?? "none"}\n`);
});

test("bug: while a store's webhooks were refused, show of its order said that the store had maybe sent nothing", async () => {
  const none = { delivery_id: null, webhook_id: null, order_id: null, order_name: null, printer: null };
  await house.ledger.raiseAlert({
    ...{ ...none, type: "webhook.refused", matter: "webhook.refused noodle-bar", store: "noodle-bar" },
    ...{ reason: "its signature does not verify", raised_at: house.clock.now() },
  });
  const { err } = await relay(["deliveries", "show", "9999"]);
  expect(err).toContain(": webhooks of noodle-bar are being refused now, this order's maybe among them (");
  const { err: another } = await relay(["deliveries", "show", "9999", "--store", "bakery"]);
  expect(another).not.toContain("being refused now");
});

test("bug: a slip that nobody confirmed in time was in the list as one that had just been accepted", async () => {
  house.cloud.script("accepted");
  await house.cancel("1001");
  expect((await relay(["deliveries", "list"])).out).toContain("  accepted  ");
  await house.clock.advance(601_000);
  expect((await relay(["deliveries", "list"])).out).toContain("  unconfirmed  ");
});

test("bug: in an outage of the cloud show said for a minute that a slip goes out now", async () => {
  house.cloud.script("unavailable");
  await house.cancel("1001");
  const none = { delivery_id: null, webhook_id: null, order_id: null, order_name: null, store: null };
  await house.ledger.raiseAlert({
    ...{ ...none, type: "cloud.lost", matter: "cloud.lost kitchen", printer: "kitchen" },
    ...{ reason: "HTTP 503", raised_at: house.clock.now() - 20_000 },
  });
  await house.cancel("1002");
  await house.clock.advance(1_000);
  expect((await relay(["deliveries", "show", "1002"])).out).toMatch(
    /^answer {5}Not sent yet\. It was due 1 s ago and waits: the printer cloud takes no orders\.\nto do {6}Tell/,
  );
});

test("bug: of two stores' orders of one number show told of the printed one alone", async () => {
  await house.cancel("1001");
  expect((await relay(["deliveries", "show", "1001"])).out).not.toContain("\nbut ");
  // The same store's: what is known of it is told already.
  await house.webhook("noodle-bar", { id: "1001", name: "#1001", cancelled_at: { at: 1 } });
  expect((await relay(["deliveries", "show", "1001"])).out).not.toContain("\nbut ");
  await house.webhook("cocktails", { id: "7", name: "#1001", cancelled_at: { at: 1 } });
  const [webhook] = await house.ledger.listWebhooks({ status: "quarantined", limit: 1 });
  const told = `\nbut        of cocktails an order of this number did not print: webhook ${webhook?.id ?? ""} is quarantined: `;
  expect((await relay(["deliveries", "show", "１００１"])).out).toContain(told);
  expect((await relay(["deliveries", "show", "1001", "--store", "noodle-bar"])).out).not.toContain("\nbut ");
});

test("bug: of 42 show said that the store had sent nothing, where #0042 had printed", async () => {
  const id = await house.cancel("0042");
  await house.cancel("4200");
  for (const which of ["42", "0 042", "order 42"]) {
    const { code, err } = await relay(["deliveries", "show", which]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          ` order ${which} exactly; with the same digits there is #0042: ${id} \\([a-z]+, noodle-bar\\)\n$`,
        ),
      ),
    ]);
  }
});
