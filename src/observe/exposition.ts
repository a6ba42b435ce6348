import { Counter, Gauge, Registry, type Metric } from "prom-client";
import type { HistogramFigures } from "../core/histogram.ts";
import type { Family, HistogramFamily, SeriesFamily } from "./families.ts";

/** Loaded with the first scrape: prom-client takes longer to load than a webhook may wait. */
export async function expose(families: readonly Family[]): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  for (const family of families) {
    if (family.kind === "histogram") registry.registerMetric(histogramOf(family));
    else register(registry, family);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function register(registry: Registry, { kind, name, help, series }: SeriesFamily): void {
  const labelNames = Object.keys(series[0]?.labels ?? {});
  const options = { name, help, labelNames, registers: [registry] };
  const metric = kind === "counter" ? new Counter(options) : new Gauge(options);
  for (const { labels, value } of series) metric.inc(labels, value);
}

/** prom-client's own histogram can only be fed value by value; what a registry asks of one is this. */
function histogramOf({ name, help, figures }: HistogramFamily): Metric {
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type: "histogram", values: valuesOf(name, figures) }),
  };
  return metric as unknown as Metric;
}

function valuesOf(name: string, { bounds, counts, sum }: HistogramFigures): object[] {
  let upTo = 0;
  const buckets = counts.map((count, index) => {
    upTo += count;
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? "+Inf" }, value: upTo };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: upTo },
  ];
}
