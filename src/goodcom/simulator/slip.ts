import type { UnixMs } from "../../core/time.ts";
import type { Endpoint, OrderJson } from "../api.ts";

/** What the simulated printer has on paper. */
export interface Slip {
  /** `slip-1`, `slip-2`, … in the order of printing. */
  id: string;
  at: UnixMs;
  endpoint: Endpoint;
  order_id: string;
  order_json: OrderJson;
  order_txt: string;
  idempotency_key: string | null;
  callback_url: string;
  /** What was pressed on the printer; null while nobody has. */
  verdict: "accepted" | "rejected" | null;
  /** What calling back brought: the HTTP status, or why there is none; null until it is tried. */
  called_back: { status: number | null; error: string | null } | null;
}

/** One request as it came to the endpoints. */
export interface SeenRequest {
  at: UnixMs;
  endpoint: Endpoint;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as JSON, null when it is none. */
  body: unknown;
  /** The fault that was played; null: a healthy answer. */
  fault: string | null;
}

/** Keeps the newest entries of a list that is only ever added to. */
export function keep<T>(list: T[], entry: T, max: number): void {
  list.push(entry);
  if (list.length > max) list.splice(0, list.length - max);
}
