import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Kit } from "../../src/kit.ts";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

async function relay(argv: string[], testAlert: Kit["testAlert"] = () => Promise.resolve(null)) {
  const fake = fakeCli({ env: {}, kit: kitOn(house, { testAlert }) });
  const code = await run(argv, { ...fake.cli, clock: house.clock });
  return { code, out: fake.out(), err: fake.err() };
}

describe("alerts list", () => {
  test("shows what is open in plain words, and what is over with its times", async () => {
    expect((await relay(["alerts", "list", "--state", "open"])).out).toBe("nothing is open\n");
    house.cloud.script({ kind: "rejected", detail: "sign error", http_status: 200 });
    const id = await house.cancel("1001");
    await house.clock.advance(1000);
    const { out } = await relay(["alerts", "list"]);
    expect(out).toContain("Order #1001 (noodle-bar → kitchen): the cancellation will not print.");
    expect(out).toContain("sign error");
    expect(out).toContain(id);
    await house.relay.redrive(id, "cli");
    expect((await relay(["alerts", "list", "--state", "open"])).out).toBe("nothing is open\n");
    const json = JSON.parse((await relay(["alerts", "list", "--json"])).out) as { items: object[] };
    expect(json.items).toMatchObject([
      { type: "delivery.dead", state: "closed", delivery_id: id, raised_at: expect.stringMatching(/Z$/) },
    ]);
  });

  test("an unknown type is wrong usage", async () => {
    expect(await relay(["alerts", "list", "--type", "delivery.late"])).toMatchObject({ code: 2 });
  });
});

describe("alerts test", () => {
  test("says what came of it", async () => {
    expect(
      await relay(["alerts", "test"], () => Promise.resolve({ id: "msg_1", sent: true, detail: "" })),
    ).toEqual({
      ...{ code: 0, err: "", out: "sent, and the address has taken it; its webhook-id is msg_1\n" },
    });
    const refused = { id: "msg_1", sent: false, detail: "the alert address answered 401" };
    expect(await relay(["alerts", "test"], () => Promise.resolve(refused))).toMatchObject({
      ...{ code: 1, out: "" },
      err: "relay: the test alert did not arrive: the alert address answered 401; check RELAY_ALERT_URL\n",
    });
    const nowhere = await relay(["alerts", "test"]);
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toContain("RELAY_ALERT_URL is not set");
  });
});
