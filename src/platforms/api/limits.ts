import { SECOND_MS } from "../../core/time.ts";

/** How long and how much of a store's API is waited for. */
export interface ApiLimits {
  connectMs: number;
  /** From the request to the answer's headers. */
  headersMs: number;
  /** Between two pieces of the answer's body. */
  bodyMs: number;
  /** The whole question, its turn in the store's rate included: what a server that trickles cannot stretch. */
  totalMs: number;
  /** A page of orders: 250 of 64 KB each, which is five times what is usual. */
  pageBytesMax: number;
  /** Every other answer. An order has no more room in a webhook. */
  answerBytesMax: number;
  /** All that comes by the connection of one question. */
  connectionBytesMax: number;
  /** Connections to one store's API at a time; further questions wait their turn. */
  connectionsMax: number;
  /** Before each further try of a read. */
  againAfterMs: readonly number[];
  /** No further try begins so long after the first. */
  againForMs: number;
  /** A store that asks for a longer wait is left until the next round. */
  retryAfterMsMax: number;
}

export const API_LIMITS: ApiLimits = {
  connectMs: 5 * SECOND_MS,
  headersMs: 15 * SECOND_MS,
  bodyMs: 10 * SECOND_MS,
  totalMs: 30 * SECOND_MS,
  pageBytesMax: 16 * 1024 * 1024,
  answerBytesMax: 1024 * 1024,
  connectionBytesMax: 18 * 1024 * 1024,
  connectionsMax: 8,
  againAfterMs: [SECOND_MS, 3 * SECOND_MS],
  againForMs: 25 * SECOND_MS,
  retryAfterMsMax: 20 * SECOND_MS,
};
