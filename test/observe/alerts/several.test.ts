import { afterEach, beforeEach, expect, test } from "vitest";
import { createStage, type Stage } from "./stage.ts";

const place = { leads: true };
let stage: Stage;
beforeEach(async () => {
  place.leads = true;
  stage = await createStage();
  stage.leadership = { leads: () => place.leads, shared: true };
  await stage.restart();
});
afterEach(() => stage.end());

const types = (): string[] => stage.bodies().map(({ type }) => type);
const openMatters = async (): Promise<string[]> =>
  (await stage.ledger.listAlerts({ state: "open", limit: 10 })).map(({ matter }) => matter);

test("one that does not lead tells nobody; it raises what its own events tell, and a new leader tells it", async () => {
  place.leads = false;
  await stage.die(1);
  stage.alerts.consider({ event: "cloud.lost", scope: "cloud", detail: "no answer" });
  await stage.look(0, 60_000);
  expect(types()).toEqual([]);
  expect(await openMatters()).toContain("cloud.lost cloud");
  place.leads = true;
  await stage.look(2);
  expect(types().sort()).toEqual(["cloud.lost", "delivery.dead"]);
});

test("what another relay has raised ends by this one's event, too", async () => {
  place.leads = false;
  const alert = { type: "cloud.lost", matter: "cloud.lost cloud", store: null, printer: null } as const;
  const ofNone = { delivery_id: null, webhook_id: null, order_id: null, order_name: null };
  await stage.ledger.raiseAlert({ ...alert, ...ofNone, reason: "no answer", raised_at: stage.clock.now() });
  await stage.clock.advance(5_000);
  stage.alerts.consider({ event: "cloud.returned", scope: "cloud", released: 3, away_ms: 1 });
  await stage.clock.advance(5_000);
  expect(await openMatters()).toEqual([]);
});

test("trouble with the ledger is told by whoever has it", async () => {
  place.leads = false;
  await stage.end();
  stage = await createStage({
    ledger: (real) =>
      new Proxy(real, {
        get: (target, name): unknown =>
          name === "raiseAlert" ? () => Promise.reject(new Error("away")) : Reflect.get(target, name),
      }),
  });
  stage.leadership = { leads: () => false, shared: true };
  await stage.restart();
  stage.alerts.consider({ event: "ledger.failed", detail: "away" });
  await stage.look(1);
  expect(types()).toEqual(["ledger.failed"]);
});

test("trouble with the ledger of a relay that has ended stayed open while others run", async () => {
  const alert = { type: "ledger.failed", matter: "ledger.failed", store: null, printer: null } as const;
  const ofNone = { delivery_id: null, webhook_id: null, order_id: null, order_name: null };
  await stage.ledger.raiseAlert({ ...alert, ...ofNone, reason: "away", raised_at: stage.clock.now() });
  await stage.clock.advance(30_000);
  expect(await openMatters()).toEqual(["ledger.failed"]);
  await stage.clock.advance(60_000);
  expect(await openMatters()).toEqual([]);
});
