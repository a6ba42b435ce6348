import { createHash } from "node:crypto";
import { RelayError } from "../../src/core/errors.ts";
import { applyFileSchema, storeSettingsOf, type Settings } from "../../src/core/settings.ts";
import type { Clock } from "../../src/core/time.ts";
import type { Alert } from "../../src/core/alert.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { createHttpServer, type HttpDeps, type HttpServer } from "../../src/http/server.ts";
import type { AlertFilter } from "../../src/ledger/alert-ledger.ts";
import type {
  DeliveryDetail,
  DeliveryFilter,
  DeliverySearch,
  SettingsEdit,
  WebhookFilter,
  WebhookWithBody,
} from "../../src/ledger/ledger.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import { createChanges } from "../../src/observe/changes.ts";
import { createDay } from "../../src/observe/day.ts";
import type { EndedSession } from "../../src/ledger/session-ledger.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import type { InboundRequest } from "../../src/platforms/platform.ts";
import type { Receipt } from "../../src/relay.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { aDelivery, NOW } from "./samples.ts";
import { createShop, scriptedStoreActs, type Shop } from "./store-acts.ts";

export const ADMIN = "admin-token-0123456789-0123456789-0123";
export const VIEWER = "viewer-token-0123456789-0123456789-012";
export const asAdmin = { Authorization: `Bearer ${ADMIN}` };
export const asViewer = { Authorization: `Bearer ${VIEWER}` };
export const CALLBACK_TOKEN = "callback-token-good";

const HASH_MARK = "c0ffee00";
/** Of a real one's form, and marked: a hash is no more to be shown than its token. */
const hashOf = (token: string): string =>
  HASH_MARK + createHash("sha256").update(token).digest("hex").slice(HASH_MARK.length);

const FILE = applyFileSchema.parse({
  printers: [
    { name: "kitchen", api_key: "APIKEY-kitchen", secret_key: "SECRETKEY-kitchen", time_zone: "Asia/Taipei" },
    { name: "bar", api_key: "APIKEY-bar" },
  ],
  stores: [
    {
      name: "noodle-bar",
      platform: "shopline",
      printer: "kitchen",
      secrets: ["STORESECRET"],
      api: { url: "https://demo.myshopline.com/admin?key=URLSECRET", token: "APITOKEN" },
    },
    { name: "cake-shop", platform: "shoplazza", printer: "bar" },
    {
      name: "tee-shop",
      platform: "fastpod",
      printer: "kitchen",
      tokens: ["PATHTOKEN-0123456789-0123456789-0123"],
      trust_body: true,
    },
  ],
});
export const SETTINGS: Settings = {
  printers: FILE.printers,
  stores: FILE.stores.map((store) => storeSettingsOf(store, hashOf)),
};
/** Whatever must never leave through an answer. */
export const SECRETS = [
  ...["APIKEY", "SECRETKEY", "STORESECRET", "URLSECRET", "APITOKEN", "PATHTOKEN", HASH_MARK],
  ...[ADMIN, VIEWER],
];

/** The server among fakes, and what they saw. */
export interface Bench {
  server: HttpServer;
  deps: HttpDeps;
  events: RelayEvent[];
  received: { platform: string; store: string; request: InboundRequest }[];
  /** What the relay says of the next webhook. */
  receipt: Receipt;
  acts: string[];
  shop: Shop;
  /** Changed by edits. */
  settings: Settings;
  edits: SettingsEdit[];
  /** Thrown by every act and every look at the ledger while it is set. */
  failure: Error | null;
  details: DeliveryDetail[];
  webhooks: WebhookWithBody[];
  alerts: Alert[];
  watches: StoreWatch[];
  asked: (DeliveryFilter | DeliverySearch | WebhookFilter | AlertFilter)[];
  /** Sessions that the ledger was told have ended. */
  ended: EndedSession[];
  pings: number;
  callbacks: { method: string; query: string; content_type: string | null; body: string }[];
}

export function createBench(own: Partial<HttpDeps> = {}, clock: Clock = createManualClock()): Bench {
  const bench: Omit<Bench, "server" | "deps"> = {
    events: [],
    received: [],
    receipt: { kind: "kept", status: "accepted", webhook_id: "WH1", delivery_id: "DL1", reason: null },
    acts: [],
    shop: createShop(),
    settings: SETTINGS,
    edits: [],
    failure: null,
    details: [],
    webhooks: [],
    alerts: [],
    watches: [],
    asked: [],
    pings: 0,
    ended: [],
    callbacks: [],
  };
  const deps: HttpDeps = {
    relay: fakeRelay(bench),
    ledger: fakeLedger(bench),
    emit: (event) => void bench.events.push(event),
    clock,
    metrics: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", text: "relay_up 1\n" }),
    changes: createChanges(),
    lastDay: () => createDay(clock).figures(),
    settings: () => bench.settings,
    draw: {
      svg: ({ order_id }) =>
        Promise.resolve(`<svg xmlns="http://www.w3.org/2000/svg"><title>${order_id}</title></svg>`),
      text: (ticket, marks) => `ORDER ${ticket.order_id} CANCELLED ${marks.delivery_id}\n`,
    },
    compose: (ticket) => ({ order_id: ticket.order_id, order_json: {} as never, order_txt: "the slip" }),
    isCallbackToken: (_delivery, token) => token === CALLBACK_TOKEN,
    readCallback: ({ method, query, content_type, body }) => {
      bench.callbacks.push({ method, query, content_type, body: body.toString("latin1") });
      return { confirmation: { verdict: "accepted", message: null, time: null }, raw: "{}" };
    },
    goodcom_url: "https://cloud.example",
    hashToken: hashOf,
    admin_token: ADMIN,
    viewer_token: VIEWER,
    ended_sessions: [],
    onForeignWrite: null,
    session_key: Buffer.alloc(32, 1),
    public_url: "http://relay.test",
    unreachable: () => null,
    trust_proxy: 0,
    version: "1.2.3",
    ...own,
  };
  return Object.assign(bench, { deps, server: createHttpServer(deps) });
}

type State = Omit<Bench, "server" | "deps">;

function fakeRelay(bench: State): HttpDeps["relay"] {
  const act = (what: string, result: Delivery): Promise<Delivery> => {
    if (bench.failure !== null) return Promise.reject(bench.failure);
    bench.acts.push(what);
    return Promise.resolve(result);
  };
  return {
    ...scriptedStoreActs(bench, (what) => act(what, aDelivery())),
    receive(platform, store, request) {
      if (bench.failure !== null) return Promise.reject(bench.failure);
      bench.received.push({ platform, store, request });
      return Promise.resolve(bench.receipt);
    },
    confirm(delivery, token) {
      if (bench.failure !== null) return Promise.reject(bench.failure);
      return Promise.resolve(delivery === "DL1" && token === CALLBACK_TOKEN);
    },
    redrive: (id, by) => act(`redrive ${id} by ${by}`, aDelivery({ id })),
    reprint: (id, reason, by) =>
      act(
        `reprint ${id} by ${by}: ${reason}`,
        aDelivery({ id: "DL9", kind: "reprint", reprint_of: id, reprint_number: 1 }),
      ),
    async replay(id, by) {
      await act(`replay ${id} by ${by}`, aDelivery());
      return { status: "accepted", webhook_id: id, delivery_id: "DL1", reason: null };
    },
    testSlip: (printer, by) =>
      act(`test ${printer} by ${by}`, aDelivery({ id: "DL8", kind: "test", printer })),
    sendTest: async (store, by) => ({
      delivery: await act(
        `test of ${store} by ${by}`,
        aDelivery({ id: "DL7", kind: "test", store, printer: "kitchen" }),
      ),
      public_address: { result: "answers", detail: "http://relay.test/healthz answers" },
    }),
    async changeSettings(edit, by) {
      await act(`${edit.to === null ? "remove" : "save"} ${edit.kind} ${edit.name} by ${by}`, aDelivery());
      bench.edits.push(edit);
      const others = (key: "stores" | "printers") =>
        bench.settings[key].filter(({ name }) => name !== edit.name);
      const { printers, stores } = bench.settings;
      bench.settings =
        edit.kind === "store"
          ? { printers, stores: [...others("stores"), ...listOf(edit.to)] as Settings["stores"] }
          : { stores, printers: [...others("printers"), ...listOf(edit.to)] as Settings["printers"] };
      return edit.seen === null ? "created" : edit.to === null ? "deleted" : "updated";
    },
    slipOf(id) {
      const { ticket } = aDelivery();
      const marks = { may_be_repeat: false, sent_at: ticket.cancelled_at, reprint: null, delivery_id: id };
      const [printer] = SETTINGS.printers;
      if (bench.failure !== null) return Promise.reject(bench.failure);
      return printer === undefined
        ? Promise.reject(new Error("none"))
        : Promise.resolve({ ticket, marks, printer });
    },
  };
}

function listOf<Entry>(entry: Entry | null): Entry[] {
  return entry === null ? [] : [entry];
}

function fakeLedger(bench: State): HttpDeps["ledger"] {
  const answer = <T>(value: () => T): Promise<T> =>
    bench.failure === null ? Promise.resolve(value()) : Promise.reject(bench.failure);
  return {
    findDelivery: (id) => answer(() => bench.details.find(({ delivery }) => delivery.id === id) ?? null),
    readDelivery: (id) =>
      answer(() => bench.details.find(({ delivery }) => delivery.id === id)?.delivery ?? null),
    listAttempts: (id, limit, after) =>
      answer(() => {
        const all = bench.details.find(({ delivery }) => delivery.id === id)?.attempts.toReversed();
        if (all === undefined) return null;
        const next = Number(after ?? 0) + limit;
        return { items: all.slice(next - limit, next), next: all.length > next ? String(next) : null };
      }),
    listDeliveries(filter) {
      bench.asked.push(filter);
      const matches = ({ id, state, attention }: Delivery): boolean =>
        (filter.state === undefined || state === filter.state) &&
        (filter.attention === undefined || attention !== null) &&
        (filter.before === undefined || id < filter.before);
      const rows = bench.details.map(({ delivery }) => delivery).filter(matches);
      return answer(() => rows.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, filter.limit));
    },
    searchDeliveries(search) {
      bench.asked.push(search);
      const matches = ({ id, state, attention, order_id, order_name }: Delivery): boolean =>
        (search.q === undefined || `${order_id} ${order_name}`.includes(search.q)) &&
        (search.state === undefined || state === search.state) &&
        (search.attention === undefined || attention !== null) &&
        (search.after === undefined || id < search.after);
      const rows = bench.details.map(({ delivery }) => delivery).filter(matches);
      const sorted = rows.sort((a, b) => (a.id < b.id ? 1 : -1));
      const items = sorted.slice(0, search.limit);
      return answer(() => ({
        items,
        next: sorted.length > search.limit ? (items.at(-1)?.id ?? null) : null,
      }));
    },
    findWebhook: (id) => answer(() => bench.webhooks.find((webhook) => webhook.id === id) ?? null),
    listWebhooks(filter) {
      bench.asked.push(filter);
      const matches = ({ status, store }: WebhookWithBody): boolean =>
        (filter.status === undefined || status === filter.status) &&
        (filter.store === undefined || store === filter.store);
      return answer(() => bench.webhooks.filter(matches).slice(0, filter.limit));
    },
    listAlerts(filter) {
      bench.asked.push(filter);
      const matches = ({ state, type }: Alert): boolean =>
        (filter.state === undefined || state === filter.state) &&
        (filter.type === undefined || type === filter.type);
      return answer(() => bench.alerts.filter(matches).slice(0, filter.limit));
    },
    storeWatches: (only) => answer(() => bench.watches.filter(({ store }) => (only ?? store) === store)),
    changedAt: () => answer(() => NOW - 180_000),
    endSession: (session) => answer(() => void bench.ended.push(session)),
    endedSessions: () => answer(() => bench.ended),
    counts: () =>
      answer(() => ({
        by_state: {
          verifying: 0,
          pending: 2,
          sending: 0,
          accepted: 1,
          printed: 40,
          rejected: 0,
          dead: 1,
          void: 0,
        },
        oldest_due_at: null,
      })),
    ping() {
      bench.pings++;
      return answer(() => undefined);
    },
  };
}

export function ledgerDown(): RelayError {
  return new RelayError("ledger_unavailable", "SQLITE_FULL at /var/lib/secret-place/relay.db");
}
