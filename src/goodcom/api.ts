import type { AttemptOutcome } from "../core/delivery.ts";
import type { PrinterSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";

/**
 * The wire format of Goodcom's cloud.
 * @see facts: `POST {GOODCOM_URL}/v1/api/cancelorder`, page "Order Cancel" of the Goodcom Webhook API, last
 * modified 2026-06-22, read 2026-11. `submitorder` takes the same body.
 */
export type Endpoint = "cancelorder" | "submitorder";

export interface OrderOption {
  o_oName: string;
  o_oAmt: string;
}

export interface OrderLine {
  o_title: string;
  o_num: string;
  o_name: string;
  o_amt: string;
  OrderOption: OrderOption[];
}

/** Every value is a string; an empty one means absent. */
export interface OrderJson {
  Create_time?: string;
  CreateTime?: string;
  DeliveryType: string;
  OrderId: string;
  Order: OrderLine[];
  SubTotal: string;
  DiscountAmt: string;
  DiscountTaxes: string;
  DeliveryCharges: string;
  DeliveryTaxes: string;
  ExtraFeeAmt: string;
  TotalTaxes: string;
  Total: string;
  PaymentStatus: string;
  CustName: string;
  CustAddr: string;
  CustTown: string;
  CustPhone: string;
  RequestTime: string;
  PaidType: string;
  Comment: string;
}

/** The part of the body that says what to print; the client adds key, time and sign. */
export interface PrintOrder {
  order_id: string;
  order_json: OrderJson;
  order_txt: string;
}

export interface CancelOrderBody extends PrintOrder {
  api_key: string;
  /** Unix milliseconds as decimal text. */
  cur_time: string;
  sign: string;
  callback_url: string;
}

export interface SendRequest {
  endpoint: Endpoint;
  printer: PrinterSettings;
  order: PrintOrder;
  callback_url: string;
  /** The same for every attempt of one delivery. */
  idempotency_key: string;
  /** Goes out as `cur_time`: of this attempt alone. */
  signed_at: UnixMs;
  /** W3C Trace Context, where traces are made. */
  traceparent?: string;
}

export interface SendResult {
  outcome: AttemptOutcome;
  /**
   * What was sent, with `api_key`, `sign` and the callback's token masked, as JSON text; null: nothing could be made to
   * send, which tells nothing of the cloud.
   */
  sent: string | null;
}

export interface GoodcomClient {
  /**
   * One POST, freshly signed. Never throws: every failure is an outcome.
   * @param mayLeave asked right before the first byte is written; false: nothing is
   */
  send(request: SendRequest, mayLeave?: () => boolean): Promise<SendResult>;
  /** Whether a connection to the cloud can be made at all (sends nothing). */
  reachable(): Promise<boolean>;
  /** Our clock minus the cloud's, by the `Date` of any answer; null when it gave none. For `doctor`. */
  clockSkewMs(): Promise<number | null>;
  close(): Promise<void>;
}
