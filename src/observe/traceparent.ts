import { createHash } from "node:crypto";

/** What an act of the relay belongs to. Goes with events for traces alone: no log line has it. */
export interface Traced {
  /** The webhook, or where none made the delivery, the delivery: its span is the one that the others are under. */
  root: string;
  /** As the webhook named it; null: it is a trace of its own. */
  traceparent: string | null;
  /** When the act was done: the event may come later, after it was written down. */
  ended_at: number;
}

export interface SpanContext {
  trace_id: string;
  span_id: string;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const CHARS_MAX = 200;

/**
 * Reads a `traceparent` header by W3C Trace Context, level 1. Anybody can send one, and it decides nothing.
 * @returns the same in the form of version 00, or null when it is not one
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function readTraceparent(header: string | undefined): string | null {
  if (header === undefined || header.length > CHARS_MAX) return null;
  const [, version, trace = "", span = "", flags = "", rest] = FORM.exec(header.trim()) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (isZero(trace) || isZero(span)) return null;
  return `00-${trace}-${span}-${flags}`;
}

function isZero(hex: string): boolean {
  return /^0+$/.test(hex);
}

/** The span that stands above all others of a delivery here: made from its id, so that no process need remember it. */
export function rootSpan({ root, traceparent }: Pick<Traced, "root" | "traceparent">): SpanContext {
  return {
    trace_id: traceparent?.slice(3, 35) ?? hex(`trace ${root}`, 32),
    span_id: hex(`root ${root}`, 16),
  };
}

/** The span of one POST; also a process that ends before it can tell of it has told the cloud this one. */
export function attemptSpan(
  of: Pick<Traced, "root" | "traceparent">,
  delivery: string,
  attempt: number,
): SpanContext {
  return { trace_id: rootSpan(of).trace_id, span_id: hex(`attempt ${attempt} of ${delivery}`, 16) };
}

function hex(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
