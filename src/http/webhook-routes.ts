import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlatformName } from "../core/cancellation.ts";
import { UNREAD_BODIES, type WebhookRefusal } from "../core/webhook.ts";
import type { Receipt, Relay } from "../relay.ts";
import { answerError, type AnswerDeps } from "./answer.ts";
import { readBody } from "./body.ts";
import { clientAddressOf } from "./client-address.ts";
import type { FailureLimiter } from "./failure-limiter.ts";
import { HttpProblem } from "./problem.ts";
import { headersOf, pathOf, queryOf } from "./request.ts";

/**
 * Inbound webhooks (CONTRACT, "Inbound webhooks"). What is authentic and what it means is the relay's to say;
 * here are only the bounds of what is read, and the table of answers.
 *
 * They stand in front of Express, which would cost a webhook as much as verifying and reading it (decision 12).
 */
const ROUTES: readonly { platform: PlatformName; route: string; path: RegExp }[] = [
  {
    platform: "shopline",
    route: "/webhooks/shopline/:store",
    path: /^\/webhooks\/shopline\/([^/]+)\/?$/,
  },
  {
    platform: "shoplazza",
    route: "/webhooks/shoplazza/:store",
    path: /^\/webhooks\/shoplazza\/([^/]+)\/?$/,
  },
  {
    platform: "fastpod",
    // FastPOD signs nothing: an unguessable part of the address stands in.
    route: "/webhooks/fastpod/:store/:token",
    path: /^\/webhooks\/fastpod\/([^/]+)\/([^/]+)\/?$/,
  },
];

/** One that was copied in part, FastPOD's without its token, or that has too much at its end. */
const NO_WHOLE_ADDRESS = /^\/+webhooks\/(shopline|shoplazza|fastpod)(?:\/|$)/;

interface WebhookDeps extends AnswerDeps {
  relay: Pick<Relay, "receive">;
  failures: FailureLimiter;
  /** How many proxies in front set X-Forwarded-For. */
  trust_proxy: number;
}

interface Call {
  req: IncomingMessage;
  res: ServerResponse;
  platform: PlatformName;
  route: string;
}

/** @returns what answers a webhook; it says false, and does nothing, when the address is none of a webhook */
export function createWebhookRoutes(
  deps: WebhookDeps,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  return (req, res) => {
    const path = pathOf(req);
    for (const { platform, route, path: pattern } of ROUTES) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const [, store = "", token = null] = match;
      setCommonHeaders(res);
      const call = { req, res, platform, route };
      take(deps, call, { store, token }).catch((error: unknown) => {
        tellUnread(deps, call, store, error);
        answerError(deps, error, req, res, route);
      });
      return true;
    }
    const platform = NO_WHOLE_ADDRESS.exec(path)?.[1] as PlatformName | undefined;
    if (platform === undefined || req.method !== "POST") return false;
    setCommonHeaders(res);
    const detail = `the address is not whole: it has to be ${ROUTES.find((one) => one.platform === platform)?.route ?? ""}`;
    const call = { req, res, platform, route: `/webhooks/${platform}` };
    refuse(deps, call, null, { why: "unknown_store", detail });
    return true;
  };
}

async function take(
  deps: WebhookDeps,
  call: Call,
  address: { store: string; token: string | null },
): Promise<void> {
  const { req, res, platform } = call;
  const store = decodeURIComponent(address.store);
  const path_token = address.token === null ? null : decodeURIComponent(address.token);
  if (req.method !== "POST") {
    throw new HttpProblem("method_not_allowed", "Webhooks are sent by POST.", { Allow: "POST" });
  }
  const { "content-encoding": coding, "transfer-encoding": transfer = "chunked" } = req.headers;
  if (coding !== undefined || transfer.toLowerCase() !== "chunked") {
    throw new HttpProblem(
      "unsupported_body",
      "Send the body without Content-Encoding or compressing Transfer-Encoding: it is verified as the raw bytes that came.",
    );
  }
  const bounds = { bytesMax: deps.limits.bodyBytesMax, ms: deps.limits.bodyMs };
  const body = await readBody(req, bounds, deps.clock);
  const query = Object.fromEntries(new URLSearchParams(queryOf(req)));
  const receipt = await deps.relay.receive(platform, store, {
    headers: headersOf(req),
    query,
    path_token,
    body,
  });
  if (receipt.kind === "kept") answer(res, receipt);
  else if (receipt.kind === "refused") refuse(deps, call, store, receipt.refusal);
  else {
    const detail = `${nameIn(store)}no ${platform} store has the name in the address`;
    refuse(deps, call, null, { why: "unknown_store", detail });
  }
}

interface Refused {
  why: WebhookRefusal;
  detail: string;
}

/** Who asks is not told what of the address is right. */
const HIDDEN: readonly WebhookRefusal[] = ["unknown_store", "unknown_token", "ended_token"];

/** What did not verify. @param store a known one */
function refuse(deps: WebhookDeps, call: Call, store: string | null, refused: Refused): void {
  const { req, res, route } = call;
  const hidden = HIDDEN.includes(refused.why);
  const retryAfterS = tell(deps, call, store, { ...refused, hidden });
  const wait: Wait = retryAfterS === null ? {} : { "Retry-After": String(retryAfterS) };
  answerError(deps, hidden ? unknownAddress(wait) : signatureRefused(refused.detail, wait), req, res, route);
}

/** A store's own webhook may be among those: nobody else says that it came. */
function tellUnread(deps: WebhookDeps, call: Call, store: string, error: unknown): void {
  if (!(error instanceof HttpProblem)) return;
  const why = UNREAD_BODIES.find((code) => code === error.code);
  if (why === undefined) return;
  tell(deps, call, null, { why, detail: nameIn(store) + error.message, hidden: true });
}

/**
 * Once the answer is out, so that its time does not show what there was to tell.
 * @returns seconds for which the sender is told to wait; null: within the limit
 */
function tell(
  deps: WebhookDeps,
  { req, res, platform }: Call,
  store: string | null,
  { why, detail, hidden }: Refused & { hidden: boolean },
): number | null {
  const address = clientAddressOf(req, deps.trust_proxy);
  const { retry_after_s, told } = deps.failures.count({ address, store, hidden });
  const summed = told ? {} : { summed: true as const };
  res.once("close", () => deps.emit({ event: "webhook.refused", store, platform, why, detail, ...summed }));
  return retry_after_s;
}

/** Of an address that nobody vouches for. What is as long as a token may be one in the wrong place: no log gets it. */
function nameIn(store: string): string {
  return /^[a-z0-9-]{1,31}$/.test(store) ? `${store}: ` : "";
}

/** What no cache and no browser should make of an answer; the rest of helmet's is for pages. */
function setCommonHeaders(res: ServerResponse): void {
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("X-Content-Type-Options", "nosniff");
}

function answer(
  res: ServerResponse,
  { status, webhook_id, delivery_id, reason }: Receipt & { kind: "kept" },
): void {
  const text = JSON.stringify({
    status,
    webhook: webhook_id,
    ...(delivery_id === null ? {} : { delivery: delivery_id }),
    ...(reason === null ? {} : { reason }),
  });
  res.writeHead(200, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  res.end(text);
}

/** Headers of an answer beyond the limit; its status stays what CONTRACT says. */
type Wait = Readonly<Record<string, string>>;

function signatureRefused(detail: string, wait: Wait): HttpProblem {
  return new HttpProblem("signature_refused", detail, {
    "WWW-Authenticate": 'Webhook-Signature realm="goodcom-relay"',
    ...wait,
  });
}

/** One answer for an unknown store and for a wrong token, so that neither can be searched for by the other. */
function unknownAddress(wait: Wait): HttpProblem {
  return new HttpProblem(
    "not_found",
    "No store has this webhook address. Copy it again from the dashboard's page Stores and printers.",
    wait,
  );
}
