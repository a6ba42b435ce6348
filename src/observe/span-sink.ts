import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type HrTime } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  RandomIdGenerator,
  TracerProvider,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import type { SpanContext } from "./traceparent.ts";

/** A span that is over. */
export interface PlainSpan {
  name: string;
  kind: "server" | "client" | "internal";
  /** Null: nobody need know it, so it is drawn. */
  own: SpanContext | null;
  /** Null: the first of its trace, and `own` says which. */
  parent: SpanContext | null;
  started_at: UnixMs;
  ended_at: UnixMs;
  attributes: Record<string, string | number | null>;
  failed: boolean;
}

/** Where spans go: a bounded queue, sent on in batches. */
export interface SpanSink {
  /** Costs no time of the network. */
  add(span: PlainSpan): void;
  /** Sends what waits. Never rejects. */
  close(): Promise<void>;
}

interface SpanSinkOptions {
  /** The collector's address for traces. */
  endpoint: string;
  version: string;
  /** What more would wait is dropped. */
  waiting_max: number;
  onFailure: (detail: string) => void;
}

const EXPORT_TIMEOUT_MS = 5 * SECOND_MS;
const EXPORT_EVERY_MS = SECOND_MS;
/** In one request to the collector. */
const BATCH_SPANS = 512;
const NS_PER_MS = 1e6;

/** Loaded with the first span, and only where RELAY_OTLP_URL is set. */
export function createSpanSink({ endpoint, version, waiting_max, onFailure }: SpanSinkOptions): SpanSink {
  const ids = createIds();
  const exporter = telling(
    new OTLPTraceExporter({
      url: endpoint,
      timeoutMillis: EXPORT_TIMEOUT_MS,
      // All that may wait goes at once when the process ends, beside one batch under way.
      concurrencyLimit: Math.ceil(waiting_max / BATCH_SPANS) + 1,
    }),
    onFailure,
  );
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: waiting_max,
    maxExportBatchSize: BATCH_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: 2 * EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    // What a store says of sampling is its own affair.
    sampler: new AlwaysOnSampler(),
    idGenerator: ids.generator,
    resource: resourceFromAttributes({ "service.name": "goodcom-relay", "service.version": version }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("goodcom-relay", version);

  return {
    add(span) {
      ids.next = span.own;
      const context =
        span.parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote(span.parent));
      const options = { kind: KINDS[span.kind], startTime: timeOf(span.started_at), attributes: known(span) };
      const made = tracer.startSpan(span.name, options, context);
      if (span.failed) made.setStatus({ code: SpanStatusCode.ERROR });
      made.end(timeOf(span.ended_at));
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;

/** The next span's ids, for those that must be the same whoever makes them. */
function createIds(): { next: SpanContext | null; generator: RandomIdGenerator } {
  const random = new RandomIdGenerator();
  const ids = {
    next: null as SpanContext | null,
    generator: {
      generateTraceId: () => ids.next?.trace_id ?? random.generateTraceId(),
      generateSpanId: () => ids.next?.span_id ?? random.generateSpanId(),
    },
  };
  return ids;
}

function telling(exporter: SpanExporter, onFailure: (detail: string) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined) onFailure(result.error.message);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

function remote({ trace_id, span_id }: SpanContext) {
  return { traceId: trace_id, spanId: span_id, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

function known({ attributes }: PlainSpan): Record<string, string | number> {
  const told = Object.entries(attributes).filter(
    (entry): entry is [string, string | number] => entry[1] !== null,
  );
  return Object.fromEntries(told);
}

function timeOf(at: UnixMs): HrTime {
  const seconds = Math.floor(at / SECOND_MS);
  return [seconds, Math.round((at - seconds * SECOND_MS) * NS_PER_MS)];
}
