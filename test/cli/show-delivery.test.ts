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
  const kit = kitOn(house, { serviceRunning: () => Promise.resolve(serviceRuns) });
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
      `^relay: order 1001 has several deliveries; show one by its id: ` +
        `${second?.id ?? "none"} \\([a-z]+, cocktails\\), ${first} \\([a-z]+, noodle-bar\\)\\n$`,
    ),
  );
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
