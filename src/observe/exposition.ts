import { Registry, type Metric } from "prom-client";
import type { HistogramFigures } from "../core/histogram.ts";
import type { Family } from "./families.ts";

/** Loaded with the first scrape: prom-client takes longer to load than a webhook may wait. */
export async function expose(families: readonly Family[]): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  for (const family of families) registry.registerMetric(metricOf(family));
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** prom-client's own are fed value by value; what a registry asks of one is this. */
function metricOf(family: Family): Metric {
  const { kind: type, name, help } = family;
  const values = family.kind === "histogram" ? valuesOf(name, family.figures) : family.series;
  const metric = { name, get: () => Promise.resolve({ name, help, type, values }) };
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
