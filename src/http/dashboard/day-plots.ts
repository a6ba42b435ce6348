import { MINUTE_MS, SECOND_MS, wallClock } from "../../core/time.ts";
import type { DayBucket, DayFigures } from "../../observe/day.ts";
import { html, type Html } from "./html.ts";
import { plots, type Bar, type Plot } from "./plots.ts";
import { spanText, type Viewpoint } from "../../answers/moments.ts";

/** A time to paper this short is an empty bar, and one this long a full one; between them by its magnitude. */
const PAPER_MS_MIN = 100;
const PAPER_MS_MAX = 60 * MINUTE_MS;

/** How the last day went, at a glance: what came, what printed, how soon, and what failed. */
export function dayPlots(day: DayFigures, { zone }: Pick<Viewpoint, "zone">): Html {
  const { total, buckets, complete } = day;
  const counted = (name: "received" | "printed" | "failed"): Bar[] => {
    const most = Math.max(1, ...buckets.map((bucket) => bucket[name]));
    return buckets.map((bucket) => ({
      label: label(bucket, zone),
      height: bucket[name] / most,
      value: String(bucket[name]),
    }));
  };
  const count = (id: string, title: string, name: "received" | "printed" | "failed"): Plot => ({
    id,
    title,
    figure: String(total[name]),
    // Each of them is a slip to be printed, and of those that printed some are reprints and tests.
    note:
      name === "received" && total.received > 0
        ? `${peak(day, name)}, with reprints and tests`
        : peak(day, name),
    bars: counted(name),
    tone: name === "failed" ? "bad" : name === "printed" ? "good" : "neutral",
  });
  return html`${plots([
    count("received", "Received", "received"),
    count("printed", "Printed", "printed"),
    paperPlot(day, zone),
    count("failed", "Failed", "failed"),
  ])}
  ${!complete && html`<p class="muted">What was before the relay's last start is still being read.</p>`}`;
}

function peak({ buckets, bucket_ms }: DayFigures, name: "received" | "printed" | "failed"): string {
  const most = Math.max(0, ...buckets.map((bucket) => bucket[name]));
  return most === 0 ? "none" : `at most ${most} in ${spanText(bucket_ms)}`;
}

function paperPlot({ total, buckets }: DayFigures, zone: string): Plot {
  const { paper_p50_ms: p50, paper_p95_ms: p95 } = total;
  return {
    id: "paper",
    title: "Time to paper",
    figure: p50 === null ? "–" : shortSpan(p50),
    note: p95 === null ? "nothing printed" : `median; 95 % within ${shortSpan(p95)}`,
    bars: buckets.map((bucket) => paperBar(bucket, zone)),
    tone: "neutral",
  };
}

function paperBar(bucket: DayBucket, zone: string): Bar {
  const { paper_p50_ms: p50, paper_p95_ms: p95 } = bucket;
  return {
    label: label(bucket, zone),
    height: p95 === null ? null : magnitude(p95),
    front: p50 === null ? null : magnitude(p50),
    value: p50 === null || p95 === null ? "none" : `half ${shortSpan(p50)}, 95 % ${shortSpan(p95)}`,
  };
}

function magnitude(ms: number): number {
  const part = Math.log(Math.max(1, ms / PAPER_MS_MIN)) / Math.log(PAPER_MS_MAX / PAPER_MS_MIN);
  return Math.min(1, part);
}

/** `0.4 s`, `12 s`, `4 min`. */
function shortSpan(ms: number): string {
  return ms < 10 * SECOND_MS ? `${(ms / SECOND_MS).toFixed(1)} s` : spanText(ms);
}

function label({ at }: DayBucket, zone: string): string {
  const { hour, minute } = wallClock(at, zone);
  return `${hour}:${minute}`;
}
