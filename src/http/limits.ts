import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../core/time.ts";

/** Every bound of the HTTP side. The contract fixes `bodyBytesMax` and `bodyMs`; the rest is ours. */
export interface HttpLimits {
  /** Largest webhook body in bytes; one byte more is 413. */
  bodyBytesMax: number;
  /** A webhook's or form's body must be complete after this many ms, or 408. */
  bodyMs: number;
  /** Of a callback's body this many bytes are read; the rest is thrown away. */
  callbackBytesMax: number;
  /** A callback's body is waited for this many ms; then what came counts. */
  callbackMs: number;
  /** Largest body of an API call or form, in bytes. */
  formBytesMax: number;
  /** After an early answer the rest of a request is thrown away for at most this many ms... */
  lingerMs: number;
  /** ...and this many bytes, so that the client gets to read the answer. Then the connection is cut. */
  lingerBytesMax: number;
  /** Headers must be complete after this many ms. */
  headersMs: number;
  /** Node's own net behind `bodyMs`: a whole request, in ms. */
  requestMs: number;
  /** An idle connection is kept this many ms: longer than a load balancer's usual 60 s. */
  keepAliveMs: number;
  /** A connection on which nothing moves for this many ms is cut, also while it is answered. */
  socketIdleMs: number;
  /** Request line and headers together, in bytes. */
  headerBytesMax: number;
  /**
   * Connections at once; one more takes the place of the one that has kept us waiting longest. With `bodyBytesMax` it
   * bounds the memory strangers can take.
   */
  connectionsMax: number;
  /** Requests on one connection before it is closed. */
  requestsPerConnectionMax: number;
  /** How long one look at the ledger answers `/readyz`, in ms. */
  readyCacheMs: number;
  /** A ledger that has not answered after this many ms is not ready. */
  readyMs: number;
  /** A page waits for that look this many ms, and else tells what the one before has found. */
  readyPageMs: number;
  /** Webhooks that do not verify, from one address in `failureWindowMs`, before their answers say Retry-After. */
  failuresMax: number;
  /** Lines in the log for those of one store, from wherever, in `failureWindowMs`. Then one line sums them up. */
  failureLinesMax: number;
  failureWindowMs: number;
  /** Wrong tokens one address may try at the sign-in page in `signInWindowMs`. */
  signInFailuresMax: number;
  /** Acts refused and wrong tokens from one network in `signInWindowMs`: each is told what is wrong. Then 429. */
  wrongTokensMax: number;
  /** Lines in the log for those, from wherever, in `signInWindowMs`. Then one line sums them up. */
  operatorLinesMax: number;
  signInWindowMs: number;
  /** Sessions that one role may open in `sessionsOpenedWindowMs`: in `sessionMs` both open fewer than are remembered. */
  sessionsOpenedMax: number;
  sessionsOpenedWindowMs: number;
  /**
   * Operators' requests at once. Two threads do their work, and webhooks' between it: more at once would make nobody's
   * quicker and everybody's later, and each may hold a megabyte.
   */
  visitsMax: number;
  /** Of these a viewer takes none: whoever has the viewer token does not keep an admin out. */
  visitsForAdmins: number;
  /** Of one session, or with one token as bearer: a script that floods has the others go before it. */
  visitsPerCallerMax: number;
  /** As many more wait for their turn, of which also `waitingForAdmins` are none of viewers'... */
  waitingMax: number;
  waitingForAdmins: number;
  /** ...and as many of one caller: a browser, with tabs or HTTP/2 in front, asks for a few dozen things at once... */
  waitingPerCallerMax: number;
  /** ...for at most this many ms. Then 429. */
  waitingMs: number;
  /** An answer that is made must be read within this many ms; then its connection is cut, and its place free. */
  answerMs: number;
  /** Pages that follow what happens (`/live`) at once. */
  liveStreamsMax: number;
  /** Of these a viewer takes none. */
  liveStreamsForAdmins: number;
  /** Of one session, or with one token as bearer. A browser follows in the tabs that are seen, of which there are few. */
  liveStreamsPerCallerMax: number;
  /** Each is told at most every this many ms that something changed... */
  liveEveryMs: number;
  /** ...hears that the stream lives every this many ms, less than `socketIdleMs`... */
  liveBeatMs: number;
  /** ...is ended after this many, so that the browser comes anew... */
  liveMs: number;
  /** ...this many ms later. */
  liveRetryMs: number;
  /** A browser session ends this many ms after sign-in. */
  sessionMs: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytesMax: 1024 * 1024,
  bodyMs: 10 * SECOND_MS,
  callbackBytesMax: 64 * 1024,
  callbackMs: 5 * SECOND_MS,
  formBytesMax: 16 * 1024,
  lingerMs: 2 * SECOND_MS,
  lingerBytesMax: 16 * 1024 * 1024,
  headersMs: 10 * SECOND_MS,
  requestMs: 30 * SECOND_MS,
  keepAliveMs: 65 * SECOND_MS,
  socketIdleMs: 90 * SECOND_MS,
  headerBytesMax: 16 * 1024,
  connectionsMax: 512,
  requestsPerConnectionMax: 10_000,
  readyCacheMs: SECOND_MS / 2,
  readyMs: 5 * SECOND_MS,
  readyPageMs: SECOND_MS / 4,
  failuresMax: 300,
  failureLinesMax: 300,
  failureWindowMs: MINUTE_MS,
  signInFailuresMax: 5,
  wrongTokensMax: 60,
  operatorLinesMax: 60,
  signInWindowMs: MINUTE_MS,
  sessionsOpenedMax: 350,
  sessionsOpenedWindowMs: HOUR_MS,
  visitsMax: 12,
  visitsForAdmins: 4,
  visitsPerCallerMax: 6,
  waitingMax: 192,
  waitingForAdmins: 64,
  waitingPerCallerMax: 120,
  waitingMs: 10 * SECOND_MS,
  answerMs: 20 * SECOND_MS,
  liveStreamsMax: 64,
  liveStreamsForAdmins: 16,
  liveStreamsPerCallerMax: 16,
  liveEveryMs: SECOND_MS,
  liveBeatMs: 15 * SECOND_MS,
  liveMs: 10 * MINUTE_MS,
  liveRetryMs: 3 * SECOND_MS,
  sessionMs: 12 * 60 * MINUTE_MS,
};

/** What `Retry-After` says when the ledger cannot store or read now, in seconds. */
export const LEDGER_RETRY_AFTER_S = 5;
/** The same when the first request of an `Idempotency-Key` is not answered yet. */
export const UNDER_WAY_RETRY_AFTER_S = 1;
/** The same when too much of operators' is under way, or followed. */
export const BUSY_RETRY_AFTER_S = 5;
/** Likewise where a store's API is away or limits us. */
export const STORE_RETRY_AFTER_S = 10;
