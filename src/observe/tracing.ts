import type { Delivery } from "../core/delivery.ts";
import { endsWithin, MINUTE_MS, type Clock, type UnixMs } from "../core/time.ts";
import type { RelayEvent } from "./events.ts";
import type { PlainSpan, SpanSink } from "./span-sink.ts";
import { spanOf } from "./spans.ts";
import { attemptSpan, readTraceparent } from "./traceparent.ts";

/** One trace from the webhook to the paper, across restarts. */
export interface Tracing extends Trace {
  /** Makes a span of an act. Costs the act nothing and never throws. */
  follow(event: RelayEvent): void;
  /** Sends what waits, for a moment at most. */
  close(): Promise<void>;
}

/** What the story needs of it. */
export interface Trace {
  /** What to keep of a webhook's `traceparent` header; null: nothing that could be joined. */
  keep(header: string | undefined): string | null;
  /** Goes with the POST of a claimed delivery. */
  traceparentOf(delivery: Pick<Delivery, "id" | "webhook_id" | "traceparent" | "attempt_count">): string;
}

export interface TracingDeps {
  /** Of an OTLP/HTTP collector: its base, or its address for traces. */
  url: string;
  version: string;
  clock: Clock;
  /** The collector does not take spans; told once in a while. */
  onFailure: (detail: string) => void;
}

/** What waits for the library to load, and then for the collector; more is dropped. */
export const SPANS_WAITING_MAX = 2048;
const TELL_EVERY_MS = 10 * MINUTE_MS;
/** How long the end of the process waits for a collector. */
const CLOSE_MS = 2000;
const TRACES_PATH = "/v1/traces";

export function createTracing({ url, version, clock, onFailure }: TracingDeps): Tracing {
  const endpoint = url.endsWith(TRACES_PATH) ? url : `${url}${TRACES_PATH}`;
  let waiting: PlainSpan[] = [];
  let sink: SpanSink | null = null;
  let loading: Promise<void> | null = null;
  let toldAt: UnixMs = -Infinity;

  function tell(detail: string): void {
    const now = clock.now();
    if (now - toldAt < TELL_EVERY_MS && now >= toldAt) return;
    toldAt = now;
    onFailure(detail);
  }

  async function load(): Promise<void> {
    try {
      const { createSpanSink } = await import("./span-sink.ts");
      sink = createSpanSink({ endpoint, version, waiting_max: SPANS_WAITING_MAX, onFailure: tell });
      for (const span of waiting) sink.add(span);
    } catch (error) {
      // Out of file handles, say: the next span tries again.
      loading = null;
      tell(error instanceof Error ? error.message : "the tracing library cannot be loaded");
    }
    waiting = [];
  }

  return {
    keep: readTraceparent,
    traceparentOf({ id, webhook_id, traceparent, attempt_count }) {
      const { trace_id, span_id } = attemptSpan({ root: webhook_id ?? id, traceparent }, id, attempt_count);
      return `00-${trace_id}-${span_id}-01`;
    },
    follow(event) {
      const span = spanOf(event, clock.now());
      if (span === null) return;
      if (sink !== null) sink.add(span);
      else if (waiting.length < SPANS_WAITING_MAX) waiting.push(span);
      loading ??= load();
    },
    async close() {
      await loading;
      if (sink !== null) await endsWithin(clock, CLOSE_MS, sink.close());
    },
  };
}
