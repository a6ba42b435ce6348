import { hkdfSync, randomBytes } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { monotonicFactory } from "ulid";
import { createActs } from "./acts.ts";
import { alertAddress, ConfigError, givenKeys, listensOnLoopback, type Config } from "./config.ts";
import { ALONE, type Leadership } from "./core/leadership.ts";
import { ledgerPlace } from "./core/ledger-place.ts";
import { SECOND_MS, type Clock } from "./core/time.ts";
import { readCallback } from "./goodcom/callback.ts";
import { createGoodcomClient } from "./goodcom/client.ts";
import { composeOrder } from "./goodcom/order.ts";
import { createHttpServer, type HttpServer } from "./http/server.ts";
import { ENDED_MAX } from "./http/sessions.ts";
import { openKeyRing } from "./ledger/key-ring.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Seal } from "./ledger/seal.ts";
import { createSettingsCache, type SettingsCache } from "./ledger/settings-cache.ts";
import { holdPlace, isHeld, openLedgerHere, openLedgerInThread, type OpenLedger } from "./ledger/open.ts";
import { createAlerts, type Alerts } from "./observe/alerts/alerts.ts";
import { sendTestAlert, type AlertTest } from "./observe/alerts/test-alert.ts";
import { createObserver, type Observer } from "./observe/observer.ts";
import { askPublicAddress } from "./observe/public-address.ts";
import { createPlatforms } from "./platforms/index.ts";
import { sampleWebhook, webhookPath } from "./platforms/sample.ts";
import { hashToken } from "./platforms/signature.ts";
import { createStory, type Relay, type RelayDeps } from "./relay.ts";
import { createSetUp } from "./set-up.ts";
import { createInbound, type Inbound } from "./stores/inbound.ts";
import { createStoreActs } from "./stores/stores.ts";
import { draw } from "./slip/draw.ts";
import { systemChance, systemClock } from "./system.ts";
import { VERSION } from "./version.ts";
import { createLeadership, type SharedLeadership } from "./worker/leadership.ts";
import { createRounds, type Rounds } from "./worker/rounds.ts";
import { createWorker } from "./worker/worker.ts";

export { backupLedger } from "./ledger/sqlite/backup.ts";

/** What differs between the real process and a test or the demo. */
export interface Overrides {
  clock?: Clock;
  chance?: () => number;
  /** What lets others read the memory of this process, told at the start; empty: nothing. */
  exposures?: string;
  /** Settings are stored anew: those that are there need not open. */
  unread?: boolean;
  /** Where log lines go; standard output unless given. */
  logTo?: { write(line: string): void };
  /** The stores are on this machine: they may be subscribed to an address that only it can call. */
  loopbackSubscriptions?: boolean;
  /** Of `startLedgerThread`, for a service: begun before this file was loaded, it is ready when it is needed. */
  ledgerThread?: Worker;
}

/** The relay's parts on one ledger, without its server and worker: what the command line works with. */
export interface Kit {
  ledger: Ledger;
  relay: Relay;
  /** Path of the key file that encrypts the stored secrets; null when RELAY_ENCRYPTION_KEY does. For `doctor`. */
  keyFile: string | null;
  /** The key file was made just now: a copy should be kept elsewhere. */
  keyFileMade: boolean;
  /** Whether a service holds this ledger now. */
  serviceRunning(): boolean;
  /** Sends one alert that means nothing to where alerts go; null: nowhere. */
  testAlert(): Promise<AlertTest | null>;
  close(): Promise<void>;
}

/** The running service. */
export interface Service extends Kit {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  url: string;
  /** The operators' token: the configured one, or the one made for this run. */
  adminToken: string;
  adminTokenMade: boolean;
}

/** How long a stop waits for what runs (CONTRACT: SIGTERM drains within 10 s). */
const DRAIN_MS = 9_000;

/** A kit's inside, as the service needs it. */
interface Parts extends Kit {
  observer: Observer;
  settings: SettingsCache;
  seal: Seal;
  masterKey: Buffer;
  clock: Clock;
  chance: () => number;
  makeId: () => string;
  reachable: () => Promise<boolean>;
  leadership: Leadership;
  /** The same where other services may work on the ledger; null: this one is alone. */
  shared: SharedLeadership | null;
  /** Why no store can be subscribed; null: they can. */
  unreachable: string | null;
  /** Set once the service has its worker. */
  onWake(wake: RelayDeps["wake"]): void;
}

/** @throws RelayError when the ledger or its key cannot be opened */
export async function openKit(config: Config, overrides: Overrides = {}): Promise<Kit> {
  return openParts(config, overrides, openLedgerHere, "command");
}

/**
 * @throws ConfigError when there is no admin token and others could reach the service
 * @throws RelayError `ledger_in_use` when another service holds the ledger
 */
export async function startService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const { values } = config;
  if (values.RELAY_ADMIN_TOKEN === undefined && !listensOnLoopback(config)) {
    throw new ConfigError([
      "RELAY_ADMIN_TOKEN is missing: anybody could reach RELAY_HOST, so set one of 32 characters",
    ]);
  }
  const adminToken = values.RELAY_ADMIN_TOKEN ?? randomBytes(24).toString("base64url");
  const lock = holdPlace(ledgerPlace(values.RELAY_DATABASE));
  let parts: Parts | undefined;
  try {
    parts = await openParts(config, overrides, openLedgerInThread(overrides.ledgerThread), "service");
    if (overrides.exposures) parts.observer.emit({ event: "service.exposed", detail: overrides.exposures });
    return await runService(config, parts, adminToken, () => lock.release());
  } catch (error) {
    await parts?.close();
    lock.release();
    throw error;
  }
}

async function runService(
  config: Config,
  parts: Parts,
  adminToken: string,
  unlock: () => void,
): Promise<Service> {
  const { values } = config;
  const { ledger, relay, observer, settings, clock, chance } = parts;
  const worker = createWorker({
    ...{ ledger, relay, clock, chance },
    emit: observer.emit,
    reachable: parts.reachable,
    leadership: parts.leadership,
  });
  const server = await openServer(config, parts, adminToken);
  const rounds = openRounds(config, parts);
  const alerts = openAlerts(config, parts);
  observer.watchedBy(alerts);
  observer.watch();
  const url = await server.listen(values.RELAY_HOST, values.RELAY_PORT);
  parts.onWake((what) => worker.wake(what));
  const stopWatching = ledger.onForeignWrite(() => {
    parts.seal.follow();
    settings.reload().catch((error: unknown) => {
      observer.emit({ event: "ledger.failed", detail: error instanceof Error ? error.message : "unknown" });
    });
    worker.wake();
    if (parts.shared !== null) worker.wake("erasure");
    observer.changes.tell(null);
  });
  await parts.shared?.start();
  await worker.start();
  alerts.start();
  rounds.start();
  observer.emit({ event: "service.started", address: url, version: VERSION });
  return {
    ...parts,
    url,
    adminToken,
    adminTokenMade: values.RELAY_ADMIN_TOKEN === undefined,
    async close() {
      stopWatching();
      const drained = await Promise.all([
        server.close(DRAIN_MS),
        ...[rounds, worker].map((part) => part.stop(DRAIN_MS)),
      ]);
      await alerts.stop();
      await parts.shared?.stop();
      observer.emit({ event: "service.stopped", drained: drained.every(Boolean) });
      await parts.close();
      unlock();
    },
  };
}

async function openServer({ values }: Config, parts: Parts, adminToken: string): Promise<HttpServer> {
  const { relay, ledger, observer, clock, settings } = parts;
  return createHttpServer({
    relay,
    ledger,
    emit: observer.emit,
    clock,
    metrics: () => observer.scrape(),
    changes: observer.changes,
    lastDay: () => observer.lastDay(),
    settings: () => settings.current(),
    draw,
    compose: composeOrder,
    readCallback,
    goodcom_url: values.GOODCOM_URL,
    hashToken,
    admin_token: adminToken,
    viewer_token: values.RELAY_VIEWER_TOKEN ?? null,
    // Bound to the admin token, so that a new token ends every session made with the old one.
    session_key: Buffer.from(hkdfSync("sha256", parts.masterKey, "", `session ${hashToken(adminToken)}`, 32)),
    ended_sessions: await ledger.endedSessions(clock.now(), ENDED_MAX),
    onForeignWrite: parts.shared && ((listener) => ledger.onForeignWrite(listener)),
    public_url: values.RELAY_PUBLIC_URL,
    unreachable: parts.unreachable,
    trust_proxy: values.RELAY_TRUST_PROXY,
    version: VERSION,
  });
}

/** What asks the stores now and then. */
function openRounds({ values }: Config, { relay, clock, observer, settings, leadership }: Parts): Rounds {
  return createRounds({
    ...{ relay, clock, emit: observer.emit, leadership },
    stores: () => settings.current().stores.flatMap(({ api, name }) => (api === null ? [] : [name])),
    watchEveryMs: values.RELAY_WATCH_EVERY_S * SECOND_MS,
    reconcileEveryMs: values.RELAY_RECONCILE_EVERY_S * SECOND_MS,
  });
}

function openAlerts(config: Config, parts: Parts): Alerts {
  const { ledger, settings, observer, relay, clock, chance, makeId } = parts;
  return createAlerts({
    ...{ ledger, clock, chance, makeId, draw: draw.text, address: alertAddress(config) },
    publicUrl: config.values.RELAY_PUBLIC_URL,
    settings: () => settings.current(),
    leadership: parts.leadership,
    slipOf: (id) => relay.slipOf(id),
    onFailure: (detail) => observer.alertFailed(detail),
    onChange: () => observer.changes.tell(null),
  });
}

async function openParts(
  config: Config,
  overrides: Overrides,
  openLedger: OpenLedger,
  role: "service" | "command",
): Promise<Parts> {
  const { values } = config;
  const clock = overrides.clock ?? systemClock;
  const chance = overrides.chance ?? systemChance;
  const nextUlid = monotonicFactory(chance);
  const makeId = (): string => nextUlid(clock.now());
  const place = ledgerPlace(values.RELAY_DATABASE);
  const given = givenKeys(config);
  const { seal, ...keys } = openKeyRing({ given, ledgerPath: place.keyPath });
  const ledger = await openLedger({ place, given, clock });
  const settings = createSettingsCache(ledger);
  if (overrides.unread !== true) await settings.reload();
  const platforms = createPlatforms({ clock });
  const goodcom = createGoodcomClient({ url: values.GOODCOM_URL, clock });
  const observer = createObserver({
    level: values.RELAY_LOG_LEVEL,
    ...(overrides.logTo ? { logTo: overrides.logTo } : {}),
    clock,
    ledger,
    printers: () => settings.current().printers.map(({ name }) => name),
    version: VERSION,
    otlpUrl: values.RELAY_OTLP_URL,
  });
  const service = { id: makeId(), version: VERSION, started_at: clock.now() };
  const isShared = role === "service" && place.kind === "postgres";
  const shared = isShared ? createLeadership({ ledger, clock, emit: observer.emit, service }) : null;
  const leadership = shared ?? ALONE;
  let wake: RelayDeps["wake"] = () => undefined;
  const deps: RelayDeps = {
    ledger,
    platforms: platforms.platforms,
    goodcom,
    compose: composeOrder,
    store: (name) => settings.store(name),
    printer: (name) => settings.printer(name),
    reloadSettings: () => settings.reload(),
    sample: sampleWebhook,
    publicAddress: () => askPublicAddress(values.RELAY_PUBLIC_URL),
    inbound: inboundOf(config, overrides),
    callbackUrl: (id) => `${values.RELAY_PUBLIC_URL}/callbacks/goodcom/${id}/${seal.callbackToken(id)}`,
    isCallbackToken: (id, token) => seal.isCallbackToken(id, token),
    leadership,
    clock,
    chance,
    makeId,
    emit: observer.emit,
    trace: observer.trace,
    wake: (what) => wake(what),
  };
  return {
    ...{ ledger, observer, settings, seal, masterKey: keys.current, clock, chance, makeId },
    ...{ leadership, shared },
    relay: { ...createStory(deps), ...createActs(deps), ...createSetUp(deps), ...createStoreActs(deps) },
    keyFile: keys.file,
    keyFileMade: keys.fileMade,
    reachable: () => goodcom.reachable(),
    unreachable: deps.inbound.unreachable,
    serviceRunning: () => isHeld(place),
    testAlert: () =>
      sendTestAlert(alertAddress(config), { publicUrl: values.RELAY_PUBLIC_URL, makeId, clock }),
    onWake(listener) {
      wake = listener;
    },
    async close() {
      await observer.close();
      await Promise.all([platforms.close(), goodcom.close()]);
      await ledger.close();
    },
  };
}

function inboundOf({ values }: Config, { loopbackSubscriptions }: Overrides): Inbound {
  return createInbound({
    publicUrl: values.RELAY_PUBLIC_URL,
    allowLoopback: loopbackSubscriptions === true,
    ...{ path: webhookPath, hashToken },
  });
}
