import type { HistogramFigures } from "../core/histogram.ts";

/** One name on `/metrics` with all its series. Plain data: who formats it is loaded when somebody asks. */
export type Family = SeriesFamily | HistogramFamily;

export interface SeriesFamily {
  /** Of a summary only what its quantiles are is known. */
  kind: "counter" | "gauge" | "summary";
  name: string;
  help: string;
  series: { labels: Labels; value: number }[];
}

export interface HistogramFamily {
  kind: "histogram";
  name: string;
  help: string;
  figures: HistogramFigures;
}

export type Labels = Readonly<Record<string, string>>;

/** A counter by labels, which only grows. */
export interface Counter {
  /** @param labels always the same names in the same order */
  add(labels: Labels, count?: number): void;
  /** From now on this series is there, at 0 when nothing was counted. */
  expect(labels: Labels): void;
  family(): SeriesFamily;
}

export function createCounter(name: string, help: string): Counter {
  const series = new Map<string, { labels: Labels; value: number }>();
  function of(labels: Labels): { value: number } {
    const key = Object.values(labels).join("\n");
    let found = series.get(key);
    if (found === undefined) series.set(key, (found = { labels, value: 0 }));
    return found;
  }
  return {
    add(labels, count = 1) {
      of(labels).value += count;
    },
    expect: (labels) => void of(labels),
    family: () => ({ kind: "counter", name, help, series: [...series.values()] }),
  };
}

export function gauge(name: string, help: string, value: number): SeriesFamily {
  return { kind: "gauge", name, help, series: [{ labels: {}, value }] };
}
