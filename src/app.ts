import { hkdfSync, randomBytes } from "node:crypto";
import { alertAddress, ConfigError, serveProblems, type Config } from "./config.ts";
import { ledgerPlace } from "./core/ledger-place.ts";
import { newerSchemaText } from "./core/newer-schema.ts";
import { SECOND_MS } from "./core/time.ts";
import { readCallback } from "./goodcom/callback.ts";
import { composeOrder } from "./goodcom/order.ts";
import { createHttpServer, type HttpServer } from "./http/server.ts";
import { ENDED_MAX } from "./http/sessions.ts";
import { openParts, type Kit, type Overrides, type Parts } from "./kit.ts";
import { holdPlace, openLedgerInThread } from "./ledger/open.ts";
import { createAlerts, type Alerts } from "./observe/alerts/alerts.ts";
import { hashToken } from "./platforms/signature.ts";
import { draw } from "./slip/draw.ts";
import { nextTurn } from "./system.ts";
import { VERSION } from "./version.ts";
import { ledgerFailed } from "./worker/failed.ts";
import { createRounds, type Rounds } from "./worker/rounds.ts";
import { createWorker } from "./worker/worker.ts";

/** The running service. */
export interface Service extends Kit {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  url: string;
  /** The operators' token: the configured one, or the one made for this run. */
  adminToken: string;
  adminTokenMade: boolean;
}

/**
 * How long a stop waits for what runs. SIGTERM drains within 10 s, after which the command gives up
 * (`cli/stopping.ts`): a second is left to tell the alerts and to close the ledger.
 */
const DRAIN_MS = 9 * SECOND_MS;

/**
 * @throws ConfigError when there is no admin token and others could reach the service
 * @throws RelayError `ledger_in_use` when another service holds the ledger
 */
export async function startService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const { values } = config;
  const problems = serveProblems(config);
  if (problems.length > 0) throw new ConfigError(problems);
  const adminToken = values.RELAY_ADMIN_TOKEN ?? randomBytes(24).toString("base64url");
  const lock = holdPlace(ledgerPlace(values.RELAY_DATABASE));
  let parts: Parts | undefined;
  try {
    parts = await openParts(config, overrides, openLedgerInThread(overrides.ledgerThread), "service");
    if (overrides.exposures) parts.observer.emit({ event: "service.exposed", detail: overrides.exposures });
    if (parts.shared !== null) await tellNewerSchema(parts);
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
    nextTurn,
  });
  const server = await openServer(config, parts, adminToken);
  const rounds = openRounds(config, parts);
  const alerts = openAlerts(config, parts);
  observer.watchedBy(alerts);
  observer.watch();
  const url = await listenOn(server, config);
  parts.onWake((what) => worker.wake(what));
  const stopWatching = ledger.onForeignWrite(() => {
    parts.seal.follow();
    settings.reload().catch((error: unknown) => {
      observer.emit(ledgerFailed(error));
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

/** @throws ConfigError when RELAY_HOST is a name that leads nowhere: the resolver's own words name no setting */
async function listenOn(server: HttpServer, { values }: Config): Promise<string> {
  try {
    return await server.listen(values.RELAY_HOST, values.RELAY_PORT);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error && error.syscall === "getaddrinfo")) throw error;
    throw new ConfigError([
      `RELAY_HOST is ${values.RELAY_HOST}, which leads to no address: give an address of this machine, such as 127.0.0.1 or 0.0.0.0`,
    ]);
  }
}

async function tellNewerSchema({ ledger, observer }: Parts): Promise<void> {
  const newer = await ledger.newerSchema();
  if (newer === null) return;
  const { version: schema, known } = newer;
  observer.emit({ event: "ledger.newer", schema, known, detail: newerSchemaText(newer) });
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
    isCallbackToken: (id, token) => parts.seal.isCallbackToken(id, token),
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
