/** How the load is offered. */
export type LoadMode =
  /** As quick as answers come: one request in flight on every connection. What comes in `warm_up_s` is not counted. */
  | { kind: "closed"; warm_up_s: number; seconds: number }
  /** At even distances, whatever the answers take. */
  | { kind: "rate"; per_second: number; seconds: number }
  /** Closed loop until this many orders are acknowledged. */
  | { kind: "count"; orders: number };

/** What load.ts is told, as JSON in its first argument. */
export interface LoadPlan {
  /** Bases of the receivers, such as `http://127.0.0.1:8080`: each has its share of the connections. */
  urls: string[];
  store: string;
  secret: string;
  connections: number;
  /** Eight digits that start every order's id, so that two runs on one ledger share none. */
  run: string;
  /** Share of requests that repeat an order that is acknowledged already, 0 to 1. */
  repeats: number;
  mode: LoadMode;
}

/** What load.ts prints when it is done, as one line of JSON. */
export interface LoadReport {
  /** Answers 200 in the counted time. */
  acks: number;
  per_second: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  /** Answers that said `"status":"duplicate"`. */
  duplicates: number;
  /** Other answers than 200, by status, warm-up included. */
  others: Record<string, number>;
  /** Connections that broke with a request in flight (sent again on a new one). */
  broken: number;
  /** Different orders acknowledged since the start, warm-up included. */
  orders: number;
  /** Mean size of the bodies sent, in bytes. */
  body_bytes_mean: number;
  /** For mode `rate`: when each order's request was written, on the shared monotonic clock. */
  sent_at: [order: string, ms: number][];
}
