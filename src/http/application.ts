import type { RequestListener } from "node:http";
import express from "express";
import helmet from "helmet";
import { persistently } from "../core/errors.ts";
import { SECOND_MS } from "../core/time.ts";
import type { EndedSession } from "../ledger/session-ledger.ts";
import { createErrorHandler } from "./answer.ts";
import { alertOperations } from "./api/alerts.ts";
import { deliveryOperations } from "./api/deliveries.ts";
import { openApiOf } from "./api/openapi.ts";
import { operationRoutes, type Operation } from "./api/operation.ts";
import { healthOperations, toolOperations } from "./api/service.ts";
import { settingsOperations } from "./api/settings.ts";
import { storeOperations } from "./api/stores.ts";
import { webhookOperations } from "./api/webhooks.ts";
import { callbackRoutes } from "./callback-routes.ts";
import { createAssets } from "./dashboard/assets.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { liveRoutes } from "./dashboard/live-routes.ts";
import { settingsRoutes } from "./dashboard/settings-routes.ts";
import { signInRoutes } from "./dashboard/sign-in-routes.ts";
import type { DashboardDeps } from "./dashboard/visit.ts";
import type { HttpDeps } from "./deps.ts";
import { createGatekeeper } from "./gatekeeper.ts";
import type { HttpLimits } from "./limits.ts";
import type { OperatorLog } from "./operator-log.ts";
import { nowhereRoutes } from "./nowhere.ts";
import { ENDED_MAX } from "./sessions.ts";
import { createSignInLimiter } from "./sign-in-limiter.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import { turnstileRoutes } from "./turnstile.ts";

/**
 * Every route but those of webhooks, and what all its answers have in common.
 * @param closing aborts when the server closes: whoever holds an answer open ends it then
 */
export function createApplication(
  outside: HttpDeps,
  limits: HttpLimits,
  closing: AbortSignal,
  operators: OperatorLog,
): RequestListener {
  const assets = createAssets();
  const readiness = createReadiness(outside, limits);
  const deps: DashboardDeps = {
    ...outside,
    limits,
    isReady: () => readiness.seemsReady(),
    closing,
    assets: assets.addresses,
    operators,
    gatekeeper: createGatekeeper({
      ...outside,
      sessionMs: limits.sessionMs,
      closing,
      endedSessions: () => outside.ledger.endedSessions(outside.clock.now(), ENDED_MAX),
      endSession: (session) => endForGood(outside, session),
      log: operators,
    }),
    limiter: createSignInLimiter(outside.clock, limits),
  };
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // Queries are read by the schemas in api/query.ts.
  app.set("query parser", false);
  app.set("trust proxy", outside.trust_proxy);
  app.use(commonHeaders(outside.public_url));
  app.use((_req, res, next) => {
    res.setHeader("Cache-Control", "no-store");
    next();
  });
  app.use(callbackRoutes(deps));
  const operations = operationsOf(deps, readiness);
  app.use(
    operationRoutes(
      deps,
      operations.filter(({ access }) => access === "open"),
    ),
  );
  app.use(assets.routes);
  app.use(signInRoutes(deps));
  app.use(liveRoutes(deps));
  app.use(turnstileRoutes(deps));
  app.use(
    operationRoutes(
      deps,
      operations.filter(({ access }) => access !== "open"),
    ),
  );
  app.use(settingsRoutes(deps));
  app.use(dashboardRoutes(deps));
  app.use(nowhereRoutes(deps));
  app.use(createErrorHandler(deps));
  return app as RequestListener;
}

/** Exported for the test that holds routes and OpenAPI against each other. */
export function operationsOf(deps: HttpDeps, readiness: Pick<Readiness, "isReady">): readonly Operation[] {
  const operations: Operation[] = [
    ...deliveryOperations(deps),
    ...webhookOperations(deps),
    ...alertOperations(deps),
    ...settingsOperations(deps),
    ...storeOperations(deps),
    ...healthOperations(readiness),
  ];
  let description: Record<string, unknown> | null = null;
  operations.push(
    ...toolOperations(deps, () => (description ??= openApiOf(operations, deps.public_url, deps.version))),
  );
  return operations;
}

/** Nothing is loaded from elsewhere, nothing runs but our own page script, nobody frames us. */
function commonHeaders(publicUrl: string): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // With `no-referrer` browsers would send `Origin: null` with our own forms, and nothing would prove them ours.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: publicUrl.startsWith("https:") ? { maxAge: HSTS_S } : false,
    xFrameOptions: { action: "deny" },
  });
}
/** A year, and its subdomains: what browsers' own lists ask for. */
const HSTS_S = 365 * 24 * 60 * 60;

/** Here it has ended by now; a ledger that does not take it in time keeps nobody from signing out. */
async function endForGood({ ledger, clock, emit }: HttpDeps, session: EndedSession): Promise<void> {
  try {
    const end = (): Promise<void> => ledger.endSession(session, clock.now());
    await persistently(clock, clock.now() + SIGN_OUT_MS_MAX, end);
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown";
    emit({ event: "ledger.failed", detail: `a sign-out is not remembered after a restart: ${why}` });
  }
}
const SIGN_OUT_MS_MAX = 2 * SECOND_MS;
