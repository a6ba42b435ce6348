import { connect } from "node:net";
import type { Dispatcher, Pool } from "undici";
import type { AttemptOutcome } from "../core/delivery.ts";
import { parseHttpDate } from "../core/retry-after.ts";
import { SECOND_MS, type Clock } from "../core/time.ts";
import { judgeAnswer, type HttpAnswer } from "./answer.ts";
import type { CancelOrderBody, GoodcomClient, SendRequest, SendResult } from "./api.ts";
import { hiderOf, maskedBody } from "./mask.ts";
import { signRequest } from "./sign.ts";

/** What one exchange with the cloud may take; tests bring smaller ones. */
export interface ClientLimits {
  /** Connections at once; further requests wait for one. */
  connections: number;
  connect_ms: number;
  /** From the request's last byte to the answer's headers. */
  headers_ms: number;
  /** From the answer's headers to its last byte, however it drips. */
  body_ms: number;
  /** One `send` from call to outcome, waiting for a connection included. */
  total_ms: number;
  answer_bytes_max: number;
  /** An idle connection is closed before servers usually do, so that a request seldom meets a closing one. */
  idle_ms: number;
}

export const CLIENT_LIMITS: ClientLimits = {
  connections: 64,
  connect_ms: 5 * SECOND_MS,
  headers_ms: 30 * SECOND_MS,
  body_ms: 10 * SECOND_MS,
  total_ms: 50 * SECOND_MS,
  answer_bytes_max: 64 * 1024,
  idle_ms: 4 * SECOND_MS,
};

const USER_AGENT = "goodcom-relay";

/**
 * The cloud over HTTP. Every attempt is a single POST: undici retries nothing here, and redirects are not
 * followed, because a second POST nobody knows of is a second slip.
 *
 * @param url base of the cloud, https or loopback (`GOODCOM_URL`); a path in it is kept
 */
export function createGoodcomClient(options: {
  url: string;
  clock: Clock;
  limits?: Partial<ClientLimits>;
}): GoodcomClient {
  const { clock } = options;
  const limits = { ...CLIENT_LIMITS, ...options.limits };
  const base = new URL(options.url);
  const path = base.pathname.replace(/\/+$/, "");
  let opening: Promise<Pool> | null = null;
  let closed = false;
  const ask = async (
    request: Dispatcher.DispatchOptions,
    mayLeave = (): boolean => true,
  ): Promise<HttpAnswer | NoAnswer> => {
    if (closed) return { written: false, why: STOPPING };
    opening ??= openPool(base.origin, limits);
    try {
      return await exchange(await opening, clock, limits, request, mayLeave);
    } catch {
      // Only loading it throws: out of file handles, say. The next request tries again.
      opening = null;
      return { written: false, why: "the relay's HTTP client could not be loaded" };
    }
  };

  return {
    async send(request, mayLeave): Promise<SendResult> {
      const made = madeOf(request);
      if (made === null) return { outcome: noAnswer(UNSIGNED), sent: null };
      const { body, hide } = made;
      const post = {
        method: "POST" as const,
        path: `${path}/v1/api/${request.endpoint}`,
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          // Whoever names no coding takes any (RFC 9110, 12.5.3).
          "accept-encoding": "identity",
          "user-agent": USER_AGENT,
          "idempotency-key": request.idempotency_key,
          ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
        },
        body: JSON.stringify(body),
      };
      const exchanged = await ask(post, mayLeave);
      const outcome =
        "status" in exchanged
          ? judgeAnswer(exchanged, request.printer.success, clock.now(), hide)
          : noAnswer(exchanged);
      return { outcome, sent: maskedBody(body) };
    },

    reachable: () => canConnect(base, clock, limits.connect_ms),

    async clockSkewMs() {
      const headers = { "user-agent": USER_AGENT };
      const exchanged = await ask({ method: "HEAD", path: `${path}/`, headers });
      const date = "status" in exchanged ? parseHttpDate(exchanged.headers.date) : null;
      return date === null ? null : clock.now() - date;
    },

    async close() {
      closed = true;
      await (await opening)?.destroy();
    },
  };
}

/** Loaded when the first request goes out: a start answers webhooks a sixth of a second earlier (decision 13). */
async function openPool(origin: string, limits: ClientLimits): Promise<Pool> {
  const { Pool } = await import("undici");
  return new Pool(origin, {
    connections: limits.connections,
    pipelining: 1,
    // Verified whatever NODE_TLS_REJECT_UNAUTHORIZED says: keys and buyers go along. A CA of one's own: NODE_EXTRA_CA_CERTS.
    connect: { timeout: limits.connect_ms, rejectUnauthorized: true },
    headersTimeout: limits.headers_ms,
    bodyTimeout: limits.body_ms,
    keepAliveTimeout: limits.idle_ms,
    // A server's hint may shorten it, never lengthen it.
    keepAliveMaxTimeout: limits.idle_ms,
    // One request, one connection's answer: nothing of HTTP/2's is needed, and its errors are less clear.
    allowH2: false,
  });
}

const UNSIGNED: NoAnswer = {
  written: false,
  why: "the order could not be signed: look at the printer's settings, and tell who maintains the relay",
};

/** @returns null when it cannot be made: a delivery waits for it, and the others go */
function madeOf(request: SendRequest): { body: CancelOrderBody; hide: ReturnType<typeof hiderOf> } | null {
  try {
    const body = bodyOf(request);
    return { body, hide: hiderOf(body, request.printer) };
  } catch {
    return null;
  }
}

/** The body in the order of the vendor's page, with the sign over this attempt's `cur_time`. */
function bodyOf({ printer, order, callback_url, signed_at }: SendRequest): CancelOrderBody {
  const { api_key, secret_key } = printer;
  const { order_id, order_json, order_txt } = order;
  const cur_time = String(signed_at);
  const sign = signRequest({ api_key, cur_time, secret_key, order_id }, printer.sign);
  return { api_key, cur_time, sign, callback_url, order_id, order_json, order_txt };
}

/** No answer came. Before the first byte was written nothing can have printed; afterwards anything may. */
interface NoAnswer {
  written: boolean;
  why: string;
}

function noAnswer({ written, why }: NoAnswer): AttemptOutcome {
  return {
    kind: written ? "unknown" : "unavailable",
    detail: written ? `no answer: ${why}` : `not sent: ${why}`,
    http_status: null,
    retry_after_ms: null,
    order_unknown: false,
    response: null,
    clock_skew_ms: null,
  };
}

/**
 * One request and its answer. Resolves always: with the answer (cut when its body broke off, was too slow or
 * too large), or with why there is none. undici calls `onRequestStart` right before it writes to a connection
 * that stands, so what fails earlier (refused, timed out, DNS, TLS) was surely not sent.
 */
function exchange(
  pool: Pool,
  clock: Clock,
  limits: ClientLimits,
  request: Dispatcher.DispatchOptions,
  mayLeave: () => boolean,
): Promise<HttpAnswer | NoAnswer> {
  const { promise, resolve } = Promise.withResolvers<HttpAnswer | NoAnswer>();
  const cancels: (() => void)[] = [];
  const chunks: Buffer[] = [];
  let bytes = 0;
  let head: Pick<HttpAnswer, "status" | "headers"> | null = null;
  let controller: Dispatcher.DispatchController | null = null;
  let settled = false;

  const settle = (cut: string | null): void => {
    if (settled) return;
    settled = true;
    for (const cancel of cancels) cancel();
    const body = Buffer.concat(chunks);
    resolve(
      head === null ? { written: controller !== null, why: cut ?? "no answer" } : { ...head, body, cut },
    );
  };
  const giveUp = (why: string): void => {
    settle(why);
    controller?.abort(new Error(why));
  };

  cancels.push(clock.after(limits.total_ms, () => giveUp(`not done within ${limits.total_ms} ms`)));
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      if (!settled && !mayLeave()) settle("it was too late for it");
      if (settled) started.abort(new Error("given up"));
      else controller = started;
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200) return;
      head = { status, headers: keptHeaders(headers) };
      cancels.push(
        clock.after(limits.body_ms, () => giveUp(`the answer was not complete within ${limits.body_ms} ms`)),
      );
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk.subarray(0, limits.answer_bytes_max - bytes));
      bytes += chunk.length;
      if (bytes > limits.answer_bytes_max)
        giveUp(`the answer is larger than ${limits.answer_bytes_max} bytes`);
    },
    onResponseEnd: () => settle(null),
    onResponseError: (_controller, error) => settle(whyOf(error, limits)),
  };
  try {
    pool.dispatch(request, handler);
  } catch (error) {
    settle(whyOf(error, limits));
  }
  return promise;
}

/** Those that judgeAnswer reads. */
function keptHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HttpAnswer["headers"] {
  const names = ["retry-after", "date", "content-encoding"];
  return Object.fromEntries(names.map((name) => [name, first(headers[name])]));
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

const STOPPING = "the relay is stopping";

/** Plain words for what undici and node report by code; never their messages, which may quote the request. */
function whyOf(error: unknown, limits: ClientLimits): string {
  const code = codeOf(error);
  const words: Record<string, string> = {
    ECONNREFUSED: "the cloud refused the connection",
    ENOTFOUND: "the cloud's name does not resolve",
    EAI_AGAIN: "the cloud's name does not resolve at the moment",
    EHOSTUNREACH: "there is no way to the cloud",
    ENETUNREACH: "there is no network",
    ECONNRESET: "the connection was reset",
    UND_ERR_CONNECT_TIMEOUT: `no connection within ${limits.connect_ms} ms`,
    UND_ERR_HEADERS_TIMEOUT: `nothing came within ${limits.headers_ms} ms`,
    UND_ERR_BODY_TIMEOUT: `the answer stopped for ${limits.body_ms} ms`,
    UND_ERR_SOCKET: "the connection was closed",
    HTTPParserError: "what came is not HTTP",
    UND_ERR_DESTROYED: STOPPING,
    UND_ERR_CLOSED: STOPPING,
  };
  const known = words[code];
  return known === undefined ? `the connection failed (${code})` : `${known} (${code})`;
}

/** Node's and undici's code; undici's parser has none that is stable, so its name stands in. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && error.name !== "HTTPParserError" ? error.code : undefined;
  return typeof code === "string" && /^\w{1,60}$/.test(code) ? code : error.name.slice(0, 60);
}

/** A bare TCP connection, closed at once: tells an outage's end without sending anything. */
function canConnect(base: URL, clock: Clock, connectMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({
    host: base.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(base.port) || (base.protocol === "https:" ? 443 : 80),
  });
  const settle = (reached: boolean): void => {
    cancel();
    socket.destroy();
    resolve(reached);
  };
  const cancel = clock.after(connectMs, () => settle(false));
  socket.once("connect", () => settle(true));
  socket.once("error", () => settle(false));
  return promise;
}
