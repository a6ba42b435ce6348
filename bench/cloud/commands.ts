/** What cloud.ts takes on standard input, one JSON a line; it answers each with one line. */
export type CloudCommand =
  /** Listens (again), on its port. */
  | { do: "up" }
  /** Cuts all connections and refuses new ones. */
  | { do: "down" }
  /** How it answers from now on, and forgets what came. */
  | { do: "reset"; answer_after_ms: number; confirm: boolean }
  | { do: "count" }
  | { do: "arrivals" };

/** The answer to every command but `arrivals`. */
export interface CloudCount {
  /** POSTs taken. */
  posts: number;
  /** Different orders in them. */
  orders: number;
  /** Of the first and last POST whose body was complete, on the shared monotonic clock; null before any. */
  first_ms: number | null;
  last_ms: number | null;
  /** Most POSTs that waited for their answer at once. */
  at_once_max: number;
  /** Callbacks that were answered 200. */
  confirmed: number;
}

/** The answer to `arrivals`: when each order's first POST was complete. */
export type CloudArrivals = [order: string, ms: number][];
