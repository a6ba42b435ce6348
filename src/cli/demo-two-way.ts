import type { PlatformName } from "../core/cancellation.ts";
import { RelayError } from "../core/errors.ts";
import { pause, SECOND_MS, type Clock, type UnixMs } from "../core/time.ts";
import { createFastpodSimulator } from "../platforms/fastpod/simulator.ts";
import type { SampleOrder } from "../platforms/sample-order.ts";
import { openSampleOrder } from "../platforms/sample.ts";
import { createShoplazzaSimulator } from "../platforms/shoplazza/simulator.ts";
import { createShoplineSimulator } from "../platforms/shopline/simulator.ts";
import type { StoreSimulator } from "../platforms/simulator/simulator.ts";
import { byOf, paint, say, widthOf, type Cli } from "./cli.ts";
import { DEMO_STORES, type DemoKeys } from "./demo-settings.ts";
import { follow, LOOK_EVERY_MS, paperOf, whyNot, type Played, type Stage } from "./demo-show.ts";
import { besideEachOther } from "./paper.ts";

type DemoStore = (typeof DEMO_STORES)[number];
const [NOODLE_BAR, BAKERY, TEE_SHOP] = DEMO_STORES as readonly [DemoStore, DemoStore, DemoStore];

const SLIPS = DEMO_STORES.length + 2;
/** For a webhook that is to come: the store is on this machine. */
const WEBHOOK_MS = 10 * SECOND_MS;
/** Orders named after moments so far apart have names of their own. */
const APART_MS = 10 * SECOND_MS;

/** The demo's stores; those that shall be asked must listen. */
export function demoShops(clock: Clock, keys: DemoKeys): Record<PlatformName, StoreSimulator> {
  const optionsOf = (platform: PlatformName) => ({
    ...{ clock, token: keys.api[platform], secret: keys.webhook[platform], http_addresses: true },
  });
  return {
    shopline: createShoplineSimulator(optionsOf("shopline")),
    shoplazza: createShoplazzaSimulator(optionsOf("shoplazza")),
    fastpod: createFastpodSimulator(optionsOf("fastpod")),
  };
}

/** The demo with the relay on both sides: what is called by the stores, and what it does at them. */
interface Scene {
  cli: Cli;
  stage: Stage;
  /** When to give up. */
  until: UnixMs;
  /** What did not happen so far. */
  failed: string[];
  /** Slips printed and confirmed so far. */
  printed: number;
  /** Puts an open order into the store. */
  order(store: DemoStore): SampleOrder;
}

/** Five steps, each told in a line or two for each store. */
export async function playTwoWay(cli: Cli, stage: Stage, until: UnixMs): Promise<Played> {
  let made = 0;
  const scene: Scene = {
    ...{ cli, stage, until, failed: [], printed: 0 },
    order({ platform }) {
      const sample = openSampleOrder(platform, { now: cli.clock.now() - APART_MS * made++ });
      stage.shops[platform].put(sample.order);
      return sample;
    },
  };
  await step(scene, "1  The relay subscribes to the cancellations of each store", subscribeAll);
  await step(scene, "2  Each merchant cancels an order: the store calls, the relay prints", merchantsCancel);
  const cancelled = await step(
    scene,
    "3  The relay cancels an order at a store, and prints at once",
    relayCancels,
  );
  const fetched = await step(
    scene,
    "4  An order is cancelled, and no webhook comes: the relay asks",
    reconciles,
  );
  await step(scene, "5  A store has dropped the subscription: the relay makes it again", watches);

  const papers = [cancelled, fetched]
    .filter((one) => one !== null)
    .map((id) => paperOf(cli, stage.cloud, id));
  say(cli);
  say(cli, paint(cli, "bold", "The slips of 3 and 4"));
  for (const line of besideEachOther(
    papers.filter((one) => one.length > 0),
    widthOf(cli),
  ))
    say(cli, line);
  const open = scene.order(NOODLE_BAR);
  const went = scene.failed.length === 0 ? "; all five steps went well" : "";
  return {
    words: `${scene.printed} of ${SLIPS} slips printed and confirmed${went}.`,
    failed: scene.failed,
    failedWords: "did not happen",
    hints: [`Order ${open.order_id} of ${NOODLE_BAR.name} is open, for you to cancel.`],
  };
}

/** @returns what the step comes to; null when it failed, which is told */
async function step<Result>(
  scene: Scene,
  title: string,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result | null> {
  say(scene.cli);
  say(scene.cli, paint(scene.cli, "bold", title));
  try {
    return await play(scene);
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    expect(scene, false, error.message);
    return null;
  }
}

/** Tells what did not happen, there and at the end. */
function expect({ cli, failed }: Scene, happened: boolean, otherwise: string): void {
  if (happened) return;
  failed.push(otherwise);
  line(cli, "", paint(cli, "red", `failed: ${otherwise}`));
}

const NAME_COLUMNS = 12;
const ORDER_COLUMNS = 10;

function line(cli: Cli, name: string, text: string): void {
  say(cli, `   ${name.padEnd(NAME_COLUMNS)}${text}`);
}

async function subscribeAll(scene: Scene): Promise<void> {
  const { cli, stage } = scene;
  for (const { name, platform } of DEMO_STORES) {
    const { result, address } = await stage.service.relay.subscribe(name, byOf(cli));
    line(cli, name, `${result}: ${address}`);
    const there = stage.shops[platform].subscriptions().length;
    expect(scene, result === "created" && there === 1, `${name}: it has ${there} subscriptions`);
  }
}

async function merchantsCancel(scene: Scene): Promise<void> {
  for (const store of DEMO_STORES) {
    const { order_id, order_name } = scene.order(store);
    scene.stage.shops[store.platform].cancel(order_id, "The guest has changed their mind");
    const id = await deliveryOf(scene, store, order_id);
    if (id === null) expect(scene, false, `${store.name}: its webhook did not arrive`);
    else await followTo(scene, store, order_name, id, "webhook");
  }
}

/** @returns the order's id */
async function relayCancels(scene: Scene): Promise<string> {
  const { cli, stage } = scene;
  const { name, platform } = NOODLE_BAR;
  const { order_id, order_name } = scene.order(NOODLE_BAR);
  const reason = "Out of noodles until tomorrow";
  const { result, delivery_id } = await stage.service.relay.cancelOrder(
    name,
    order_id,
    { reason },
    byOf(cli),
  );
  expect(scene, result === "cancelled" && delivery_id !== null, `${name}: ${order_name} is ${result}`);
  if (delivery_id === null) return order_id;
  await followTo(scene, NOODLE_BAR, order_name, delivery_id, "cancelled");
  const shop = stage.shops[platform];
  await within(scene, () => shop.sent().some((one) => one.order_id === order_id));
  const duplicates = await stage.service.ledger.listWebhooks({
    ...{ store: name, status: "duplicate", origin: "webhook", limit: 10 },
  });
  const isKnown = duplicates.some((one) => one.delivery_id === delivery_id);
  expect(scene, isKnown, `${name}: no webhook followed the cancellation of ${order_name}`);
  if (isKnown) line(cli, "", "the store's own webhook followed: a duplicate, not printed again");
  return order_id;
}

/** @returns the order's id */
async function reconciles(scene: Scene): Promise<string> {
  const { cli, stage } = scene;
  const { name, platform } = BAKERY;
  const { order_id, order_name } = scene.order(BAKERY);
  const shop = stage.shops[platform];
  shop.setSendsWebhooks(false);
  shop.cancel(order_id, "Oven out of order");
  shop.setSendsWebhooks(true);
  line(cli, name, `${order_name.padEnd(ORDER_COLUMNS)}cancelled by the merchant; the store tells nobody`);
  const { listed, known, found, deliveries } = await stage.service.relay.reconcile(name, byOf(cli));
  line(cli, "", `reconcile: ${listed} cancelled orders listed, ${known} known, ${found} found`);
  const [id] = deliveries;
  expect(scene, found === 1 && id !== undefined, `${name}: ${found} orders found instead of 1`);
  if (id !== undefined) await followTo(scene, BAKERY, order_name, id, "found");
  return order_id;
}

async function watches(scene: Scene): Promise<void> {
  const { cli, stage } = scene;
  const { name, platform } = TEE_SHOP;
  const shop = stage.shops[platform];
  shop.dropSubscriptions();
  line(cli, name, "calls nobody any more, as stores do after 19 failures in a row");
  const restored = await stage.service.relay.watch(name);
  const there = shop.subscriptions().length;
  expect(scene, restored && there === 1, `${name}: it has ${there} subscriptions`);
  if (restored) line(cli, "", "watch: the subscription was gone, and is there again");
}

/** The delivery that a webhook makes; null when none has come in time. */
async function deliveryOf(scene: Scene, { name }: DemoStore, orderId: string): Promise<string | null> {
  let id: string | null = null;
  await within(scene, async () => {
    const filter = { store: name, order: orderId, limit: 1 };
    id = (await scene.stage.service.ledger.listDeliveries(filter))[0]?.id ?? null;
    return id !== null;
  });
  return id;
}

/** Looks again and again until it has happened, or a webhook would have come. */
async function within({ cli, until }: Scene, hasHappened: () => boolean | Promise<boolean>): Promise<void> {
  const end = Math.min(until, cli.clock.now() + WEBHOOK_MS);
  while (!(await hasHappened()) && cli.clock.now() < end) await pause(cli.clock, LOOK_EVERY_MS);
}

/** A line that grows with the delivery's states. @param how it came */
async function followTo(
  scene: Scene,
  { name }: DemoStore,
  orderName: string,
  id: string,
  how: string,
): Promise<void> {
  const { cli, stage, until } = scene;
  cli.stdout.write(`   ${name.padEnd(NAME_COLUMNS)}${orderName.padEnd(ORDER_COLUMNS)}${how}: `);
  const last = await follow(cli, stage, id, until);
  say(cli);
  const isPrinted = last?.delivery.state === "printed";
  if (isPrinted) scene.printed++;
  expect(scene, isPrinted, `${name}: ${whyNot(last)}`);
}
