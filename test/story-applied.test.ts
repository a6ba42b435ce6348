import { afterEach, beforeEach, expect, test } from "vitest";
import { createHouse, SETTINGS, type House } from "./fakes/house.ts";

/** What `relay apply`, or another relay, has written a moment ago counts: nobody waits until it is noticed. */
let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const [kitchen] = SETTINGS.printers;
const [noodleBar] = SETTINGS.stores;
if (kitchen === undefined || noodleBar === undefined) throw new Error("the house has a printer and a store");
const NEW_SECRET = "the secret of today";
const body = (order: string) => ({ id: order, name: `#${order}`, cancelled_at: "2027-01-15T08:00:00+00:00" });

test("a store that was added", async () => {
  expect(await house.webhook("sushi-bar", body("1001"))).toEqual({ kind: "unknown_store" });
  const stores = [{ ...noodleBar, name: "sushi-bar" }];
  await house.ledger.apply({ printers: [], stores }, { prune: false, now: house.clock.now() });
  expect(await house.webhook("sushi-bar", body("1001"))).toMatchObject({ kind: "kept", status: "accepted" });
});

test("a secret that was added", async () => {
  expect(await house.webhook("noodle-bar", body("1001"), NEW_SECRET)).toMatchObject({ kind: "refused" });
  const stores = [{ ...noodleBar, secrets: [...noodleBar.secrets, NEW_SECRET] }];
  await house.ledger.apply({ printers: [], stores }, { prune: false, now: house.clock.now() });
  expect(await house.webhook("noodle-bar", body("1001"), NEW_SECRET)).toMatchObject({ kind: "kept" });
});

test("regression: what waited for FastPOD's API waited on, though its store was set to trust the body", async () => {
  await house.webhook("tee-shop", { data: { id: "FAS-1", order_status: "cancelled", reference_id: "R-1" } });
  const [waiting] = await house.ledger.listDeliveries({ limit: 1 });
  if (waiting === undefined) throw new Error("the webhook made a delivery");
  expect(waiting).toMatchObject({ state: "verifying", attention: "verify_failing" });
  const stores = SETTINGS.stores
    .filter(({ name }) => name === "tee-shop")
    .map((store) => ({ ...store, api: null, trust_body: true }));
  await house.ledger.apply({ printers: [], stores }, { prune: false, now: house.clock.now() });
  // Who misses a store has the settings read again.
  await house.webhook("no-such-shop", body("1001"));
  await house.clock.advance(3000);
  expect(house.cloud.sent.map(({ request }) => request.order.order_id)).toEqual(["FAS-1"]);
  expect(await house.delivery(waiting.id)).toMatchObject({ state: "accepted", attention: null });
  // Nobody was asked, so no try says that the store's API took it.
  const tries = (await house.ledger.findDelivery(waiting.id))?.attempts ?? [];
  expect(tries.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    "verify unavailable",
    "send accepted",
  ]);
  const ended = "it waits for the store's API no longer, and goes out";
  expect(await house.ledger.listAlerts({ limit: 9 })).toMatchObject([{ type: "delivery.unverified", ended }]);
});

test("a printer that was added, with its test slip asked for by another process", async () => {
  await house.ledger.apply(
    { printers: [{ ...kitchen, name: "grill" }], stores: [] },
    { prune: false, now: house.clock.now() },
  );
  const { id } = await house.relay.testSlip("grill", "operator");
  await house.clock.advance(0);
  expect(house.cloud.sent.map(({ request }) => request.printer.name)).toEqual(["grill"]);
  expect((await house.delivery(id)).state).toBe("accepted");
});
