import { expect, test } from "vitest";
import { ADMIN, createBench, type Bench } from "./fakes.ts";
import { aWebhook } from "./samples.ts";
import { visitorOf } from "./visitor.ts";

// What a store's page tells a merchant who has set something up wrongly.

async function read(bench: Bench, path: string): Promise<string> {
  const { text } = await (await visitorOf(bench, ADMIN)).page(path).expect(200);
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replace(/ ([,;:.])/g, "$1");
}

test("bug: of an address that no shop can call it said nothing unless it was this machine's", async () => {
  expect(await read(createBench(), "/stores/noodle-bar")).not.toContain("No shop can call this address");
  const inside = createBench({ unreachable: () => "RELAY_PUBLIC_URL (https://relay.lan) is none" });
  const text = await read(inside, "/stores/noodle-bar");
  expect(text).toContain("No shop can call this address: RELAY_PUBLIC_URL (https://relay.lan) is none.");
});

test("bug: where the shop called for another topic it said no more than ignored", async () => {
  const reason = "the order has no cancelled_at";
  const bench = createBench();
  bench.webhooks = [aWebhook({ status: "ignored", topic: "orders/create", reason, delivery_id: null })];
  expect(await read(bench, "/stores/noodle-bar")).toContain(
    ", ignored (orders/create: the order has no cancelled_at). Prints on",
  );
});
