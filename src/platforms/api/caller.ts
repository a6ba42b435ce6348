import type { Agent } from "undici";
import { apiAddressProblem } from "../../core/address.ts";
import type { StoreSettings } from "../../core/settings.ts";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import type { Answered, ApiFailure } from "../store-api.ts";
import type { ApiVendor, Asked } from "./answer.ts";
import { bounded, boundedInterim, TooLarge } from "./bounded-connection.ts";
import { AddressRefused, guardedLookup, type Resolve } from "./guarded-lookup.ts";
import { API_LIMITS, type ApiLimits } from "./limits.ts";
import { createPacer, type Rate } from "./pacer.ts";
import { answerOf, type ListPlaces, type Told } from "./told.ts";

export interface Vendor extends ApiVendor {
  rate: Rate;
  /** Headers of a question. */
  headers: (token: string, hasBody: boolean) => Record<string, string>;
}

export interface Question {
  method: "GET" | "POST" | "DELETE";
  url: string;
  /** Whether it is about webhooks, which need no scope of their own. */
  aboutWebhooks?: boolean;
  /** Sent as it is; undefined: there is none. */
  body?: string | undefined;
  /** Where its answer has the orders that are asked for, if it is a list of them. */
  listAt?: ListPlaces;
  /** Whether that is a page of a long list, which may be large. */
  isPage?: boolean;
  /** `once` where a schedule of its own asks again: such a question goes before those that wait. */
  patience?: "once" | "again";
}

/** Asks one platform's API. Never throws; no `detail` holds a token. */
export interface ApiCaller {
  /** @param question made of the store's `api`, when it has one */
  ask(
    store: StoreSettings,
    question: (api: NonNullable<StoreSettings["api"]>) => Question,
  ): Promise<Answered<Told>>;
  /** What still waits for an answer by then is given up. */
  close(): Promise<void>;
}

/** @param resolve the system's resolver, unless a test stands in for it */
export function createApiCaller(
  vendor: Vendor,
  clock: Clock,
  limits: ApiLimits = API_LIMITS,
  resolve?: Resolve,
): ApiCaller {
  let opening: Promise<Agent> | null = null;
  const closed = new AbortController();
  const isClosed = (): boolean => closed.signal.aborted;
  /** Of every question under way. */
  const deadlines = new Set<AbortController>();
  const pacer = createPacer(vendor.rate, clock);

  async function askOnce(question: Question, asked: Asked): Promise<Answered<Told>> {
    if (isClosed()) return unavailable(STOPPING);
    const heldMs = pacer.heldMs(asked.store);
    if (heldMs > limits.totalMs) return leftAlone(asked.store, heldMs);
    const deadline = new AbortController();
    deadlines.add(deadline);
    const cancelDeadline = clock.after(limits.totalMs, () => deadline.abort());
    let sent = false;
    try {
      await pacer.turn(asked.store, question.patience === "once", deadline.signal);
      if (isClosed()) return unavailable(STOPPING);
      if (deadline.signal.aborted)
        return unavailable(`too many questions to store ${asked.store} wait for their turn`);
      const { request } = await import("undici");
      const dispatcher = await (opening ??= openAgent(limits, resolve));
      if (isClosed()) return unavailable(STOPPING);
      sent = true;
      const { statusCode, headers, body } = await request(question.url, {
        dispatcher,
        method: question.method,
        headers: vendor.headers(asked.token, question.body !== undefined),
        signal: deadline.signal,
        onInfo: boundedInterim(),
        ...(question.body !== undefined && { body: question.body }),
      });
      const isLarge = question.isPage === true && statusCode < 300;
      const bytes = await bytesOf(body, isLarge ? limits.pageBytesMax : limits.answerBytesMax);
      const heard = { status: statusCode, headers, body: bytes };
      const answer = answerOf(vendor, heard, asked, question.listAt ?? [], clock.now());
      if (answer.kind === "failed" && statusCode === 429) {
        pacer.hold(asked.store, answer.retry_after_ms ?? SECOND_MS);
      }
      return answer;
    } catch (error) {
      // Only loading it throws before anything is sent: out of file handles, say. The next question tries again.
      if (!sent) opening = null;
      if (error instanceof TooLarge) return tooLarge(vendor, asked);
      const why = asked.changes && sent && !NEVER_SENT.has(codeOf(error)) ? "unknown" : "unavailable";
      const end = isClosed() ? "stopping" : deadline.signal.aborted ? "late" : null;
      return { ...unavailable(wordsOf(error, end, vendor, asked.store, limits)), why };
    } finally {
      deadlines.delete(deadline);
      cancelDeadline();
    }
  }

  return {
    async ask(store, questionOf) {
      const made = madeFor(store, questionOf);
      if (made.kind === "failed") return made;
      const { question, asked } = made;
      if (asked.changes || question.patience === "once") return askOnce(question, asked);
      return again(() => askOnce(question, asked), clock, limits, closed.signal);
    },
    async close() {
      closed.abort();
      for (const deadline of deadlines) deadline.abort();
      await (await opening)?.destroy();
    },
  };
}

/** The question, or why this store is asked none. */
function madeFor(
  store: StoreSettings,
  questionOf: (api: NonNullable<StoreSettings["api"]>) => Question,
): { kind: "made"; question: Question; asked: Asked } | ApiFailure {
  const { name, platform, api } = store;
  const unaskable = (detail: string): ApiFailure => ({ ...unavailable(detail), why: "not_configured" });
  if (api === null) return unaskable(`store ${name} has no "api": give api.url and api.token, and apply`);
  const question = questionOf(api);
  // Looked at again here: a ledger may hold what an older relay let in.
  const problem = apiAddressProblem(platform, question.url, api.allow_host) ?? strayed(api.url, question.url);
  if (problem !== null) return unaskable(`the api.url of store ${name} ${problem}`);
  const asked = {
    ...{ store: name, token: api.token, about: question.url, changes: question.method !== "GET" },
    aboutWebhooks: question.aboutWebhooks === true,
  };
  return { kind: "made", question, asked };
}

/** The token is for the host of `api.url` alone, and a public name is no proof of being that. */
function strayed(apiUrl: string, questionUrl: string): string | null {
  const asked = new URL(questionUrl);
  if (URL.canParse(apiUrl) && new URL(apiUrl).origin === asked.origin) return null;
  return `is not where this question leads, to ${asked.host}: it must be an address that paths can be put after`;
}

const STOPPING = "the relay is stopping";

/** A read that failed in passing, for p-retry, which knows failures only as errors. */
class Passing extends Error {
  readonly failure: ApiFailure;
  constructor(failure: ApiFailure) {
    super(failure.why);
    this.failure = failure;
  }
}

/** Waits by the injected clock, so p-retry itself has nothing to wait for. */
async function again(
  ask: () => Promise<Answered<Told>>,
  clock: Clock,
  limits: ApiLimits,
  closed: AbortSignal,
): Promise<Answered<Told>> {
  const { default: pRetry } = await import("p-retry");
  const begunAt = clock.now();
  const attempt = async (): Promise<Answered<Told>> => {
    const answer = await ask();
    if (answer.kind !== "failed" || answer.why !== "unavailable") return answer;
    const waitsMs = answer.retry_after_ms ?? 0;
    // Whoever waits for a store that hangs is told before a proxy in front gives them up, after 60 s.
    if (waitsMs > limits.retryAfterMsMax || clock.now() - begunAt >= limits.againForMs) return answer;
    throw new Passing(answer);
  };
  try {
    return await pRetry(attempt, {
      retries: limits.againAfterMs.length,
      minTimeout: 0,
      async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
        if (!(error instanceof Passing) || retriesLeft === 0) return;
        const ownMs = limits.againAfterMs[attemptNumber - 1] ?? 0;
        const waitMs = Math.max(ownMs, error.failure.retry_after_ms ?? 0);
        await passed(waitMs, clock, closed);
      },
    });
  } catch (error) {
    if (error instanceof Passing) return error.failure;
    throw error;
  }
}

/** Resolves after so long, or once all is given up. */
function passed(waitMs: number, clock: Clock, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      closed.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(waitMs, end);
    if (closed.aborted) end();
    else closed.addEventListener("abort", end, { once: true });
  });
}

/** Loaded with the first question (decision 13). */
async function openAgent(limits: ApiLimits, resolve?: Resolve): Promise<Agent> {
  const { Agent, buildConnector } = await import("undici");
  const connect = buildConnector({
    ...{ timeout: limits.connectMs, lookup: guardedLookup(resolve), allowH2: false },
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: the token goes along. A CA of one's own: NODE_EXTRA_CA_CERTS.
    rejectUnauthorized: true,
  });
  return new Agent({
    connect: bounded(connect, limits.connectionBytesMax),
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    connections: limits.connectionsMax,
    // No keep-alive: questions are rare, and a connection the server has quietly closed would fail the next one.
    pipelining: 0,
    allowH2: false,
  });
}

/** Counted while it comes: what the headers say of its length may be anything. */
async function bytesOf(body: AsyncIterable<Buffer>, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > max) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function unavailable(detail: string): ApiFailure {
  return { kind: "failed", why: "unavailable", detail, http_status: null, retry_after_ms: null };
}

function tooLarge({ product }: Vendor, { store, changes }: Asked): ApiFailure {
  const detail = `${product}'s API answered with more than any answer holds: check the api.url of store ${store}`;
  return { ...unavailable(detail), why: changes ? "unknown" : "nonsense" };
}

function leftAlone(store: string, heldMs: number): ApiFailure {
  const detail = `store ${store} is left alone for ${Math.ceil(heldMs / SECOND_MS)} s: its API has said that it was asked too much`;
  return { ...unavailable(detail), retry_after_ms: heldMs };
}

function wordsOf(
  error: unknown,
  end: "stopping" | "late" | null,
  { product }: Vendor,
  store: string,
  { totalMs }: ApiLimits,
): string {
  if (end === "stopping") return STOPPING;
  if (end === "late") return `${product}'s API did not answer within ${totalMs / SECOND_MS} s`;
  if (error instanceof AddressRefused) {
    return `${product}'s API is not asked: ${error.message}; check the api.url of store ${store} and its DNS`;
  }
  const code = codeOf(error);
  const what = NEVER_SENT.has(code) ? "could not be asked" : "gave no whole answer";
  return `${product}'s API ${what} (${code})`;
}

/** Codes of a question that surely never left this machine. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_INVALID_ARG", "UND_ERR_DESTROYED", "UND_ERR_CLOSED"],
  "RELAY_ADDRESS_REFUSED",
  ...["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ...["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
]);

/** Only the code: a message may quote what was sent. */
function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^\w{1,60}$/.test(code) ? code : "unknown error";
}
