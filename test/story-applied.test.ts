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
