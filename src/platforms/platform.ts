import type { Cancellation, PlatformName } from "../core/cancellation.ts";
import type { ErasureSubject } from "../core/erasure.ts";
import type { JsonObject } from "../core/json.ts";
import type { StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";
import type { RefusalReason } from "../core/webhook.ts";
import type { StoreApi } from "./store-api.ts";

/** One inbound request, before anything in it is believed. */
export interface InboundRequest {
  /** Lower-case names; of a repeated header the values joined by `, ` as node does. */
  headers: Readonly<Record<string, string>>;
  /** The query string's parameters; only used to recognise other products' webhooks. */
  query: Readonly<Record<string, string>>;
  /** FastPOD's token from the path, null elsewhere. */
  path_token: string | null;
  /** The exact bytes that came: signatures are over these. */
  body: Buffer;
}

export interface Refusal {
  why: RefusalReason;
  /** What happened and what to do, for the sender and the log; never says which secret or token came close. */
  detail: string;
}

/** What an authentic body turned out to be. */
export type Reading =
  | { kind: "cancellation"; cancellation: Cancellation }
  /** Understood, and no evidence of a cancellation in it. */
  | { kind: "ignored"; reason: string }
  /** The store asks for what is known of a buyer, or of all so far, to be erased. Of a webhook alone. */
  | { kind: "erasure"; reason: string; subject: ErasureSubject }
  /** Authentic, and not understood: kept raw, shown, alerted. */
  | { kind: "quarantined"; reason: string };

/**
 * One store system. `verify`, `verifyShop` and `read` are pure and see raw bytes once; what a platform calls things
 * ends here. Held to by test/platforms/contract.ts.
 */
export interface Platform {
  name: PlatformName;
  /**
   * Null when the bytes are authentic for this store at this moment: what was rotated out has an end. Fails closed;
   * constant time over the secret.
   */
  verify(request: InboundRequest, store: StoreSettings, now: UnixMs): Refusal | null;
  /**
   * The work of `verify` for an address that names no store, so that its time does not tell that it names none. Absent
   * where the answer's status tells that anyway.
   */
  verifyNobody?: (request: InboundRequest) => void;
  /** The refusal when body or headers name another shop than the store's `shop_id`; null when it is unset or unnamed. */
  verifyShop(request: Pick<InboundRequest, "headers" | "body">, store: StoreSettings): Refusal | null;
  /** Reads a body (of a webhook, or of the API's answer for one order). Never throws. */
  read(body: Buffer, store: StoreSettings): Reading;
  /**
   * The order in a body of the API, whatever its state, in the words of its cancellation; null when there is none that
   * can be read. Never throws.
   */
  readOrder(body: Buffer, store: StoreSettings): { cancellation: Cancellation; cancelled: boolean } | null;
  /** The sender's own id of this webhook, and its topic, for the ledger. Unsigned: evidence of nothing. */
  labels(
    headers: InboundRequest["headers"],
    body: Buffer,
  ): { webhook_id: string | null; topic: string | null };
  /** Headers worth keeping with the webhook, lower case. */
  kept_headers: readonly string[];
  api: StoreApi;
}

/** What of a platform is pure: all but its API. */
export type PlatformWords = Omit<Platform, "api">;

/** An order object out of a body: what the platform's reader maps. */
export type OrderBody = JsonObject;
