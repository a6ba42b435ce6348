import type { RowSpec, Sample } from "./figure.ts";
import { median } from "./stats.ts";

const HEAD = ["what", "target", "measured", "(rounds)", "baseline", "ratio", ""] as const;
const NOTHING = "–";

/** @param samples one per round */
export function tableRow(spec: RowSpec, samples: readonly Sample[]): string[] {
  const values = valuesOf(spec.measured, samples);
  const measured = median(values);
  const target = targetOf(spec);
  if (values.length === 0) return [spec.what, target, NOTHING, "", spec.missing ?? NOTHING, "", ""];
  const base = spec.baseline === undefined ? NaN : median(valuesOf(spec.baseline.measured, samples));
  const ratio = measured / base;
  const baseline = Number.isNaN(base) ? "" : `${shown(base, spec.unit)} ${spec.baseline?.name ?? ""}`;
  return [
    spec.what,
    target,
    shown(measured, spec.unit),
    values.length > 1 ? `${number(Math.min(...values))} to ${number(Math.max(...values))}` : "",
    baseline,
    Number.isNaN(ratio) ? "" : `${number(ratio)}×`,
    target === "" ? "" : isReached(spec, measured, ratio) ? "ok" : "MISSED",
  ];
}

export function layOutTable(rows: string[][]): string {
  const all = [[...HEAD], ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const lines = all.map((row) =>
    widths
      .map((width, column) => (row[column] ?? "").padEnd(width))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return lines.join("\n");
}

function valuesOf(name: string, samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample[name]).filter((value) => typeof value === "number");
}

function targetOf({ unit, at_least, at_most, ratio_at_least, ratio_at_most }: RowSpec): string {
  const parts = [
    at_least === undefined ? null : `≥ ${shown(at_least, unit)}`,
    at_most === undefined ? null : `≤ ${shown(at_most, unit)}`,
    ratio_at_least === undefined ? null : `≥ ${ratio_at_least}×`,
    ratio_at_most === undefined ? null : `≤ ${ratio_at_most}×`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

/** A ratio without its baseline is not asked for: the row says what is missing. */
function isReached(spec: RowSpec, measured: number, ratio: number): boolean {
  const {
    at_least = -Infinity,
    at_most = Infinity,
    ratio_at_least = -Infinity,
    ratio_at_most = Infinity,
  } = spec;
  const inRatio = Number.isNaN(ratio) || (ratio >= ratio_at_least && ratio <= ratio_at_most);
  return measured >= at_least && measured <= at_most && inRatio;
}

function shown(value: number, unit: RowSpec["unit"]): string {
  return `${number(value)}${unit === "" || unit === "/s" ? unit : ` ${unit}`}`;
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
