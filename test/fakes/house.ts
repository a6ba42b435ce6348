import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monotonicFactory } from "ulid";
import type { PlatformName } from "../../src/core/cancellation.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { applyFileSchema, storeSettingsOf, type Settings } from "../../src/core/settings.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import type { Answered, ApiFailure, StoreApi } from "../../src/platforms/store-api.ts";
import { signWebhook } from "../../src/platforms/sample.ts";
import type { Receipt, Relay } from "../../src/relay.ts";
import { createLeadership, type SharedLeadership } from "../../src/worker/leadership.ts";
import type { Worker } from "../../src/worker/worker.ts";
import { createBusyLedgers } from "./busy-ledger.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createProcess, SEAL, type ProcessParts, type RelayProcess } from "./process.ts";
import { createPausable } from "./pausable.ts";
import { createScriptedCloud, type ScriptedCloud } from "./scripted-cloud.ts";

export const SECRET = "app-secret-for-tests";
export const TOKEN = "t".repeat(43);

const FILE = applyFileSchema.parse({
  printers: [
    { name: "kitchen", api_key: "key-kitchen", secret_key: "secret-kitchen" },
    { name: "bar", api_key: "key-bar", endpoint: "cancel_then_submit" },
  ],
  stores: [
    { name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: [SECRET] },
    { name: "cocktails", platform: "shopline", printer: "bar", secrets: [SECRET], ignore_older_than_s: 3600 },
    {
      name: "tee-shop",
      platform: "fastpod",
      printer: "kitchen",
      tokens: [TOKEN],
      api: { url: "http://127.0.0.1:9", token: "t" },
    },
  ],
});
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const SETTINGS: Settings = {
  printers: FILE.printers,
  stores: FILE.stores.map((one) => storeSettingsOf(one, sha256)),
};

/** What a store's API comes to that is away. */
export const NO_ANSWER: ApiFailure = {
  ...{ kind: "failed", why: "unavailable", detail: "not set by the test", http_status: null },
  retry_after_ms: null,
};

/** The relay on a real ledger file, with a scripted cloud and store API, on a clock that stands still. */
export interface House {
  clock: ManualClock;
  cloud: ScriptedCloud;
  events: RelayEvent[];
  ledger: Ledger;
  relay: Relay;
  worker: Worker;
  /** Makes the slip; a test may break it. */
  compose: typeof composeOrder;
  /** What FastPOD's API answers from now on. */
  orderAnswer: Answered<Buffer>;
  /** Has FastPOD's API answer with order `FAS-1` in this status from now on. */
  fastpodSays(order_status: string): void;
  /** Delivers one authentic webhook: of SHOPLINE unless the store is FastPOD's. Signed with `SECRET` unless told. */
  webhook(store: string, body: Record<string, unknown>, secret?: string): Promise<Receipt>;
  /** The cancellation of one order of `noodle-bar`, just now. */
  cancel(order: string, more?: Record<string, unknown>): Promise<string>;
  delivery(id: string): Promise<Delivery>;
  callbackToken(id: string): string;
  /**
   * A relay on this ledger that knows it is not alone, with a way to the cloud of its own: several of them are as on
   * PostgreSQL. The house itself thinks that it is alone: its worker is to be stopped before.
   */
  another(name: string): Promise<OtherRelay>;
  /** Ends the process without a goodbye and starts another on the same ledger. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface OtherRelay extends RelayProcess {
  cloud: ScriptedCloud;
  events: RelayEvent[];
  leadership: SharedLeadership;
  /** As SIGSTOP does, as far as anybody outside can see: it reads and writes nothing until it goes on. */
  pause(): void;
  /** As soon as it has claimed anything. */
  pauseOnClaim(): void;
  goOn(): Promise<void>;
  /** Without a goodbye. */
  die(): void;
}

/** What a house is built with, where it is not the common one. */
export interface HouseParts {
  settings?: Settings;
  /** Stores' APIs that stand in for the real ones. */
  apis?: Partial<Record<PlatformName, StoreApi>>;
}

export async function createHouse({ settings: own = SETTINGS, apis = {} }: HouseParts = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "relay-house-"));
  const busyLedgers = createBusyLedgers();
  const clock = createManualClock(undefined, () => busyLedgers.busy());
  const cloud = createScriptedCloud(clock);
  const platforms = createPlatforms({ clock });
  const nextUlid = monotonicFactory(() => 0.5);
  const open = async (): Promise<Ledger> =>
    busyLedgers.watched(await openSqliteLedger({ path: join(folder, "relay.db"), seal: SEAL, clock }));
  const ledger = await open();
  await ledger.apply(own, { prune: false, now: clock.now() });

  const others: (() => Promise<void>)[] = [];

  const house: House = {
    clock,
    cloud,
    events: [],
    compose: composeOrder,
    orderAnswer: NO_ANSWER,
    ledger,
    ...process(ledger),
    fastpodSays(order_status) {
      const order = { status: true, message: "", data: { id: "FAS-1", order_status } };
      house.orderAnswer = { kind: "answered", value: Buffer.from(JSON.stringify(order)) };
    },
    async webhook(store, order, secret = SECRET) {
      const body = Buffer.from(JSON.stringify(order));
      const { platform } = own.stores.find(({ name }) => name === store) ?? { platform: "shopline" };
      const headers = signWebhook(platform, body, platform === "fastpod" ? TOKEN : secret, clock.now());
      const path_token = platform === "fastpod" ? TOKEN : null;
      const lowered = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const receipt = await house.relay.receive(platform, store, {
        headers: lowered,
        query: {},
        path_token,
        body,
      });
      await clock.advance(0);
      return receipt;
    },
    async cancel(order, more = {}) {
      const cancelled_at = new Date(clock.now()).toISOString();
      const receipt = await house.webhook("noodle-bar", {
        id: order,
        name: `#${order}`,
        cancelled_at,
        ...more,
      });
      if (receipt.kind !== "kept" || receipt.delivery_id === null) throw new Error(JSON.stringify(receipt));
      return receipt.delivery_id;
    },
    async delivery(id) {
      const detail = await house.ledger.findDelivery(id);
      if (detail === null) throw new Error(`no delivery ${id}`);
      return detail.delivery;
    },
    callbackToken: (id) => SEAL.callbackToken(id),
    async another(name) {
      const pausable = createPausable(house.ledger);
      const events: RelayEvent[] = [];
      const own = { cloud: createScriptedCloud(clock), emit: (event: RelayEvent) => void events.push(event) };
      const service = { id: name, version: "1.2.3", started_at: clock.now(), process: null };
      const shared = { ...clock, follow: () => Promise.resolve(), isSure: () => true };
      const leadership = createLeadership({
        ...own,
        clock: shared,
        ledger: pausable.ledger,
        service,
        hasEnded: () => false,
      });
      const relay = process(pausable.ledger, undefined, { ...own, leadership });
      await leadership.start();
      await relay.worker.start();
      await clock.settle();
      const die = (): void => {
        pausable.pause();
        void relay.worker.stop(0);
      };
      others.push(async () => {
        pausable.goOn();
        await Promise.all([relay.worker.stop(0), clock.advance(0)]);
        await leadership.stop();
      });
      return {
        ...{ ...relay, ...own, events, leadership, die },
        ...{ pause: () => pausable.pause(), pauseOnClaim: () => pausable.pauseOnClaim() },
        async goOn() {
          pausable.goOn();
          await clock.settle();
        },
      };
    },
    async crash() {
      void house.worker.stop(0);
      await clock.settle();
      await house.ledger.close();
      const reopened = await open();
      Object.assign(house, { ledger: reopened, ...process(reopened, await reopened.settings()) });
      await house.worker.start();
      await clock.settle();
    },
    async close() {
      for (const end of others) await end();
      const stopped = house.worker.stop(1000);
      await clock.advance(1000);
      await stopped;
      await house.ledger.close();
      await platforms.close();
      rmSync(folder, { recursive: true });
    },
  };

  function process(on: Ledger, settings = own, parts: Partial<ProcessParts> = {}): RelayProcess {
    const getOrder = (): Promise<Answered<Buffer>> => Promise.resolve(house.orderAnswer);
    const { shopline, shoplazza, fastpod } = platforms.platforms;
    return createProcess({
      ledger: on,
      cloud,
      clock,
      settings,
      platforms: {
        shopline: { ...shopline, api: apis.shopline ?? shopline.api },
        shoplazza: { ...shoplazza, api: apis.shoplazza ?? shoplazza.api },
        fastpod: { ...fastpod, api: apis.fastpod ?? { ...fastpod.api, getOrder } },
      },
      compose: (ticket, marks, printer) => house.compose(ticket, marks, printer),
      chance: () => 0,
      makeId: () => nextUlid(clock.now()),
      emit: (event) => void house.events.push(event),
      ...parts,
    });
  }

  await house.worker.start();
  await clock.settle();
  return house;
}
