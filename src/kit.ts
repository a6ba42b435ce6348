import type { Worker } from "node:worker_threads";
import { monotonicFactory } from "ulid";
import { createActs } from "./acts.ts";
import { alertAddress, givenKeys, type Config } from "./config.ts";
import { ALONE, type Leadership } from "./core/leadership.ts";
import { RelayError } from "./core/errors.ts";
import { createLedgerClock, isUnset, type LedgerClock } from "./core/ledger-clock.ts";
import { ledgerPlace, type LedgerPlace } from "./core/ledger-place.ts";
import { toRfc3339, type Clock, type MachineClock, type UnixMs } from "./core/time.ts";
import { createGoodcomClient } from "./goodcom/client.ts";
import { composeOrder } from "./goodcom/order.ts";
import { openKeyRing } from "./ledger/key-ring.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { keysAtHand, type Unread } from "./ledger/lost-key.ts";
import { isServed, openLedgerHere, type OpenLedger } from "./ledger/open.ts";
import type { Seal } from "./ledger/seal.ts";
import { createSettingsCache, type SettingsCache } from "./ledger/settings-cache.ts";
import { sendTestAlert, type AlertTest } from "./observe/alerts/test-alert.ts";
import type { Emit } from "./observe/events.ts";
import { createObserver, type Observer } from "./observe/observer.ts";
import { askPublicAddress } from "./observe/public-address.ts";
import { createPlatforms } from "./platforms/index.ts";
import { sampleWebhook } from "./platforms/sample.ts";
import { hashToken } from "./platforms/signature.ts";
import { createOnce } from "./once.ts";
import { hasEnded, processName } from "./process-name.ts";
import type { RelayDeps } from "./relay-deps.ts";
import { createStory, type Relay } from "./relay.ts";
import { createSetUp } from "./set-up.ts";
import { createInbound, type Inbound } from "./stores/inbound.ts";
import { createStoreActs } from "./stores/stores.ts";
import { systemChance, systemClock } from "./system.ts";
import { VERSION } from "./version.ts";
import { createLeadership, type LeadershipDeps, type SharedLeadership } from "./worker/leadership.ts";

/** What differs between the real process and a test or the demo. */
export interface Overrides {
  clock?: MachineClock;
  chance?: () => number;
  /** What lets others read the memory of this process, told at the start; empty: nothing. */
  exposures?: string;
  /** What need not open of the stored settings. */
  unread?: Unread;
  /** Where log lines go; standard output unless given. */
  logTo?: { write(line: string): void };
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
  serviceRunning(): Promise<boolean>;
  /** Sends one alert that means nothing to where alerts go; null: nowhere. */
  testAlert(): Promise<AlertTest | null>;
  /** By the clock that the ledger's times are told in: of several relays, the one they share. */
  now(): UnixMs;
  close(): Promise<void>;
}

/** A kit's inside, as the service needs it. */
export interface Parts extends Kit {
  observer: Observer;
  settings: SettingsCache;
  seal: Seal;
  masterKey: Buffer;
  /** By which all goes: the ledger's, where several services may work on it. */
  clock: Clock;
  chance: () => number;
  makeId: () => string;
  reachable: () => Promise<boolean>;
  leadership: Leadership;
  /** The same where other services may work on the ledger; null: this one is alone. */
  shared: SharedLeadership | null;
  unreachable: Inbound["unreachable"];
  /** Set once the service has its worker. */
  onWake(wake: RelayDeps["wake"]): void;
}

/** @throws RelayError when the ledger or its key cannot be opened */
export async function openKit(config: Config, overrides: Overrides = {}): Promise<Kit> {
  return openParts(config, overrides, openLedgerHere, "command");
}

export async function openParts(
  config: Config,
  overrides: Overrides,
  openLedger: OpenLedger,
  role: "service" | "command",
): Promise<Parts> {
  const { values } = config;
  const { unread, clock: machine = systemClock } = overrides;
  const chance = overrides.chance ?? systemChance;
  const nextUlid = monotonicFactory(chance);
  const place = ledgerPlace(values.RELAY_DATABASE);
  const given = await keysAtHand({ given: givenKeys(config), place, clock: machine, unread });
  const { seal, ...keys } = openKeyRing({ given, ledgerPath: place.keyPath });
  const ledger = await openLedger({ place, given, clock: machine });
  const ledgerClock = clockOf(place, ledger, machine, (told) => observer.emit(told));
  const clock = ledgerClock ?? machine;
  const makeId = (): string => nextUlid(clock.now());
  const settings = createSettingsCache(ledger, machine);
  await (unread === undefined ? settings.reload() : settings.reload().catch(() => undefined));
  const platforms = createPlatforms({ clock });
  const goodcom = createGoodcomClient({ url: values.GOODCOM_URL, clock });
  const observer = openObserver(config, overrides, { clock, ledger, settings, ledgerClock });
  await ledgerClock?.follow();
  const common = role === "service" ? assureSet(ledgerClock) : null;
  const shared = common && leadershipOf({ ledger, clock: common, emit: observer.emit }, makeId());
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
    settingsAgain: () => settings.again(),
    sample: sampleWebhook,
    publicAddress: () => askPublicAddress(values.RELAY_PUBLIC_URL),
    inbound: createInbound({ publicUrl: values.RELAY_PUBLIC_URL, hashToken }),
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
    ...{ leadership, shared, unreachable: (store) => deps.inbound.unreachable(store) },
    relay: relayOf(deps),
    keyFile: keys.file,
    keyFileMade: keys.fileMade,
    reachable: () => goodcom.reachable(),
    serviceRunning: () => isServed(place, ledger, clock.now()),
    testAlert: () =>
      sendTestAlert(alertAddress(config), { publicUrl: values.RELAY_PUBLIC_URL, makeId, clock }),
    now: () => clock.now(),
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

function openObserver(
  { values }: Config,
  { logTo }: Overrides,
  {
    ledgerClock,
    settings,
    ...parts
  }: Pick<Parts, "clock" | "ledger" | "settings"> & { ledgerClock: LedgerClock | null },
): Observer {
  return createObserver({
    level: values.RELAY_LOG_LEVEL,
    ...(logTo ? { logTo } : {}),
    ...parts,
    ...(ledgerClock === null ? {} : { machineOffsetMs: () => ledgerClock.machineOffsetMs() }),
    printers: () => settings.current().printers.map(({ name }) => name),
    version: VERSION,
    otlpUrl: values.RELAY_OTLP_URL,
  });
}

/**
 * One clock for all relays on a ledger, to be followed before anything is done by it, commands' acts too; null: the
 * machine's, where one service has the ledger.
 */
function clockOf(
  { kind }: LedgerPlace,
  ledger: Ledger,
  machine: MachineClock,
  emit: Emit,
): LedgerClock | null {
  if (kind === "sqlite") return null;
  return createLedgerClock({
    machine,
    askTime: () => ledger.time(),
    onApart: (offset_ms, detail) => emit({ event: "clock.apart", offset_ms, detail }),
  });
}

/** As `serve` asks of the machine's, where no database has a clock. @throws RelayError where neither's has been set */
function assureSet(clock: LedgerClock | null): LedgerClock | null {
  if (clock === null || !isUnset(clock.now())) return clock;
  throw new RelayError(
    "ledger_unavailable",
    `the database's clock and this machine's say ${toRfc3339(clock.now())}, and slips would be out of time once they are set: set both by NTP, then start again`,
  );
}

function leadershipOf(deps: Pick<LeadershipDeps, "ledger" | "clock" | "emit">, id: string): SharedLeadership {
  const service = { id, version: VERSION, started_at: deps.clock.now(), process: processName() };
  return createLeadership({ ...deps, service, hasEnded });
}

function relayOf(deps: RelayDeps): Relay {
  const once = createOnce(deps);
  return {
    ...createStory(deps),
    ...createActs(deps, once),
    ...createSetUp(deps, once),
    ...createStoreActs(deps, once),
  };
}
