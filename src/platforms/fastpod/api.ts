import type { Agent, Dispatcher } from "undici";
import { isObject } from "../../core/json.ts";
import type { StoreSettings } from "../../core/settings.ts";
import { cleanLine } from "../../core/text.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";
import { rootOf } from "../body.ts";
import type { OrderAnswer } from "../platform.ts";

/** How long and how much of FastPOD's API is waited for. */
export interface FastpodApiLimits {
  connectMs: number;
  /** From the request to the answer's headers. */
  headersMs: number;
  /** Between two pieces of the answer's body. */
  bodyMs: number;
  /** The whole question: what a server that trickles cannot stretch. */
  totalMs: number;
  answerBytesMax: number;
  /** Connections to one store's API at a time; further questions wait their turn. */
  connectionsMax: number;
}

export const FASTPOD_API_LIMITS: FastpodApiLimits = {
  connectMs: 5 * SECOND_MS,
  headersMs: 15 * SECOND_MS,
  bodyMs: 10 * SECOND_MS,
  totalMs: 30 * SECOND_MS,
  answerBytesMax: 1024 * 1024,
  connectionsMax: 8,
};

/** FastPOD's order API, as far as the relay asks it. */
export interface FastpodApi {
  /**
   * `GET {api.url}/v1/orders/{id}`, asked once: the ledger's schedule asks again, and a retry here would be a
   * second law beside it. Never throws; no `detail` holds the token.
   */
  fetchOrder(orderId: string, store: StoreSettings): Promise<OrderAnswer>;
  close(): Promise<void>;
}

/**
 * @see fastpodapi.apidog.io: `Authorization: Bearer`, `Accept: application/json`, envelope `{status: boolean,
 *   message, data}`; read 2026-11
 */
export function createFastpodApi(clock: Clock, limits: FastpodApiLimits = FASTPOD_API_LIMITS): FastpodApi {
  let opening: Promise<Agent> | null = null;
  return {
    async fetchOrder(orderId, store) {
      if (store.api === null) {
        return unavailable(`store ${store.name} has no "api": give api.url and api.token, and apply`);
      }
      // A path of dots would ask for something else than an order.
      if (/^\.{1,2}$/.test(orderId)) return { kind: "not_found", detail: "FastPOD has no such order" };
      const address = `${store.api.url.replace(/\/+$/, "")}/v1/orders/${encodeURIComponent(orderId.toWellFormed())}`;
      const deadline = new AbortController();
      const cancelDeadline = clock.after(limits.totalMs, () => deadline.abort());
      try {
        const { request } = await import("undici");
        const answer = await request(address, {
          dispatcher: await (opening ??= openAgent(limits)),
          headers: { authorization: `Bearer ${store.api.token}`, accept: "application/json" },
          signal: deadline.signal,
        });
        return await answerOf(answer, store.name, store.api.token, clock.now());
      } catch (error) {
        return unavailable(
          deadline.signal.aborted
            ? `FastPOD's API did not answer within ${limits.totalMs / SECOND_MS} s`
            : `FastPOD's API could not be asked (${codeOf(error)})`,
        );
      } finally {
        cancelDeadline();
      }
    },
    // What still waits for an answer by now is given up.
    close: async () => (await opening)?.destroy(),
  };
}

/** Loaded with the first question (decision 13). */
async function openAgent(limits: FastpodApiLimits): Promise<Agent> {
  const { Agent } = await import("undici");
  return new Agent({
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    maxResponseSize: limits.answerBytesMax,
    connections: limits.connectionsMax,
    // No keep-alive: questions are rare, and a connection the server has quietly closed would fail the next one.
    pipelining: 0,
    allowH2: false,
  });
}

/** Kept of a refusal's body so that its connection ends in order; not read. */
const REFUSAL_BYTES_MAX = 16 * 1024;

async function answerOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  storeName: string,
  token: string,
  now: UnixMs,
): Promise<OrderAnswer> {
  if (statusCode === 200) return orderIn(Buffer.from(await body.arrayBuffer()), token);
  const said = `FastPOD's API answered ${statusCode}`;
  if (statusCode === 404) {
    // A wrong api.url finds nothing either, and says so in HTML: that must not void a real cancellation.
    const root = rootOf(Buffer.from(await body.arrayBuffer()));
    return root === null
      ? unavailable(`${said}, and not as FastPOD does: check the api.url of store ${storeName}`)
      : { kind: "not_found", detail: `${said}: it has no such order` };
  }
  await body.dump({ limit: REFUSAL_BYTES_MAX }).catch(() => undefined);
  if (statusCode === 401 || statusCode === 403) {
    return unavailable(
      `${said}: the api.token of store ${storeName} is not accepted, or may not read orders; make a new one in FastPOD and apply`,
    );
  }
  if (statusCode >= 300 && statusCode < 400) {
    return unavailable(`${said}, a redirect: check the api.url of store ${storeName}`);
  }
  return unavailable(said, retryAfterMs(headers["retry-after"], now));
}

/** The API's `status: false` inside a 200 is no order; why, only its words tell, and they are kept short. */
function orderIn(body: Buffer, token: string): OrderAnswer {
  const root = rootOf(body);
  if (root === null) return unavailable("FastPOD's API answered 200 without a JSON object");
  if (root.status === false && !isObject(root.data)) {
    const words = typeof root.message === "string" ? root.message.replaceAll(token, "***") : "";
    return unavailable(
      `FastPOD's API answered 200 with status false: ${cleanLine(words, MESSAGE_CHARS_MAX)}`,
    );
  }
  return { kind: "found", body };
}
const MESSAGE_CHARS_MAX = 200;

function unavailable(detail: string, retry_after_ms: number | null = null): OrderAnswer {
  return { kind: "unavailable", detail, retry_after_ms };
}

/** Only the code: a message may quote what was sent. */
function codeOf(error: unknown): string {
  const code = isCoded(error) ? error.code : undefined;
  return typeof code === "string" && /^\w{1,60}$/.test(code) ? code : "unknown error";
}

function isCoded(error: unknown): error is { code: unknown } {
  return typeof error === "object" && error !== null && "code" in error;
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP date.
 * @returns from `now`, 0 or more; null when it is absent or neither
 */
export function retryAfterMs(header: string | string[] | undefined, now: UnixMs): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS;
  if (!/^[A-Za-z]{3,9}, .{15,30}GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
