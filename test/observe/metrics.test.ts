import { describe, expect, test } from "vitest";
import { ATTEMPTED, CONFIRMED, DEAD, RECEIVED, watched, type Watched } from "./watched.ts";

async function scraped({ observer }: Watched): Promise<string[]> {
  const { contentType, text } = await observer.scrape();
  expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  return text.split("\n");
}

/** The values of one name, by its labels as they are written. */
function seriesOf(lines: readonly string[], name: string): Record<string, number> {
  const found = lines.flatMap((line) => {
    const match = /^(\w+)(\{.*\})? (\S+)$/.exec(line);
    return match?.[1] === name ? [[match[2] ?? "", Number(match[3])]] : [];
  });
  return Object.fromEntries(found) as Record<string, number>;
}

describe("from the start, before anything happened", () => {
  test.each([
    ["relay_webhooks_total", 3 * 4],
    ["relay_webhooks_refused_total", 3 * 12],
    ["relay_verifications_total", 4],
    ["relay_attempts_total", 2 * 4],
    ["relay_confirmations_total", 2 * 3],
    ["relay_attention_total", 3],
    ["relay_cloud_outages_total", 1],
    ["relay_cloud_away", 1],
    ["relay_failures_total", 2],
    ["relay_pruned_total", 5],
    ["relay_ack_seconds_count", 1],
    ["relay_attempt_seconds_count", 1],
    ["relay_accept_seconds_count", 1],
    ["relay_confirm_seconds_count", 1],
    ["relay_paper_seconds_count", 1],
  ])("%s has its %i series at 0", async (name, count) => {
    const series = seriesOf(await scraped(watched()), name);
    expect(Object.keys(series)).toHaveLength(count);
    expect(Object.values(series).every((value) => value === 0)).toBe(true);
  });

  test("a printer that is added later has its series with the next scrape", async () => {
    const all = watched();
    all.printers.push("pastry");
    const series = seriesOf(await scraped(all), "relay_attempts_total");
    expect(series['{printer="pastry",outcome="unknown"}']).toBe(0);
  });
});

test("how far the machine's clock is from the database's is told in seconds, where there are two", async () => {
  const name = "relay_clock_offset_seconds";
  expect(await scraped(watched())).not.toContainEqual(expect.stringContaining(name));
  const apart = watched({ machineOffsetMs: () => -1_500 });
  expect(seriesOf(await scraped(apart), name)).toEqual({ "": -1.5 });
});

test("acts are counted, also those of before anybody asked", async () => {
  const all = watched();
  const { observer } = all;
  observer.emit(RECEIVED);
  observer.emit({ ...RECEIVED, status: "duplicate" });
  observer.emit({ ...RECEIVED, status: "duplicate" });
  observer.emit({
    event: "webhook.refused",
    store: "noodle-bar",
    platform: "shopline",
    why: "bad_signature",
    detail: "",
  });
  observer.emit(ATTEMPTED);
  observer.emit(CONFIRMED);
  observer.emit({ ...CONFIRMED, moved: false, since_received_ms: null });
  observer.emit(DEAD);
  observer.emit({
    event: "ledger.pruned",
    ...{ bodies: 3, attempts: 0, confirmations: 0, tickets: 1, alerts: 2 },
    ...{ finished: true, batches: 1, waits: 0, duration_ms: 5 },
  });
  const lines = await scraped(all);
  const of = (name: string): Record<string, number> => seriesOf(lines, name);
  expect(of("relay_webhooks_total")['{platform="shopline",status="accepted"}']).toBe(1);
  expect(of("relay_webhooks_total")['{platform="shopline",status="duplicate"}']).toBe(2);
  expect(of("relay_webhooks_refused_total")['{platform="shopline",why="bad_signature"}']).toBe(1);
  expect(of("relay_attempts_total")['{printer="kitchen",outcome="accepted"}']).toBe(1);
  expect(of("relay_confirmations_total")['{printer="kitchen",verdict="accepted"}']).toBe(2);
  expect(of("relay_attention_total")['{event="delivery.dead"}']).toBe(1);
  expect(of("relay_pruned_total")['{what="bodies"}']).toBe(3);
  expect(of("relay_accept_seconds_sum")).toEqual({ "": 0.055 });
  expect(of("relay_paper_seconds_sum")).toEqual({ "": 8 });
  expect(of("relay_paper_seconds_count")).toEqual({ "": 1 });
  expect(of("relay_paper_seconds_bucket")).toMatchObject({
    '{le="5"}': 0,
    '{le="10"}': 1,
    '{le="+Inf"}': 1,
  });
  expect(lines.join("\n")).not.toContain("1001");
});

test("a second scrape tells the same again and what came meanwhile", async () => {
  const all = watched();
  all.observer.emit(ATTEMPTED);
  await scraped(all);
  all.observer.emit(ATTEMPTED);
  expect(seriesOf(await scraped(all), "relay_attempt_seconds_count")).toEqual({ "": 2 });
});

test("an outage is 1 for as long as it lasts, by its scope", async () => {
  const all = watched();
  all.observer.emit({ event: "cloud.lost", scope: "cloud", detail: "refused" });
  all.observer.emit({ event: "cloud.lost", scope: "printer bar", detail: "429" });
  const during = seriesOf(await scraped(all), "relay_cloud_away");
  expect(during).toEqual({ '{scope="cloud"}': 1, '{scope="printer bar"}': 1 });
  all.observer.emit({ event: "cloud.returned", scope: "cloud", released: 3, away_ms: 10 });
  const after = seriesOf(await scraped(all), "relay_cloud_away");
  expect(after).toEqual({ '{scope="cloud"}': 0, '{scope="printer bar"}': 1 });
});

test("the ledger's counts and vitals are told as it measured them", async () => {
  const lines = await scraped(watched());
  expect(seriesOf(lines, "relay_ledger_up")).toEqual({ "": 1 });
  expect(seriesOf(lines, "relay_deliveries")['{state="pending"}']).toBe(7);
  expect(Object.keys(seriesOf(lines, "relay_deliveries"))).toHaveLength(8);
  expect(seriesOf(lines, "relay_oldest_due_seconds")).toEqual({ "": 10 });
  expect(seriesOf(lines, "relay_ledger_commit_seconds_bucket")).toEqual({
    '{le="0.001"}': 5,
    '{le="0.01"}': 7,
    '{le="+Inf"}': 8,
  });
  expect(seriesOf(lines, "relay_ledger_commit_seconds_sum")).toEqual({ "": 0.125 });
  expect(seriesOf(lines, "relay_ledger_commit_calls_count")).toEqual({ "": 8 });
  expect(seriesOf(lines, "relay_ledger_wal_bytes")).toEqual({ "": 4_124_152 });
});

test("a ledger in trouble is told, and what is known without it still comes", async () => {
  const all = watched();
  all.ledger.vitals = () => Promise.reject(new Error("disk I/O error at /secret/path"));
  all.observer.emit(RECEIVED);
  const lines = await scraped(all);
  expect(seriesOf(lines, "relay_ledger_up")).toEqual({ "": 0 });
  expect(seriesOf(lines, "relay_deliveries")).toEqual({});
  expect(seriesOf(lines, "relay_webhooks_total")['{platform="shopline",status="accepted"}']).toBe(1);
  expect(lines.join("\n")).not.toContain("disk I/O");
});

test("bug: of a ledger that answers and cannot store, as on a full disk, it said that all was well", async () => {
  const all = watched();
  all.ledger.ping = () => Promise.reject(new Error("the disk is full"));
  const lines = await scraped(all);
  expect(seriesOf(lines, "relay_ledger_up")).toEqual({ "": 0 });
  expect(seriesOf(lines, "relay_deliveries")['{state="pending"}']).toBe(7);
});

test("the process tells its version, memory, processor time and the event loop's delay", async () => {
  const all = watched();
  all.observer.watch();
  const lines = await scraped(all);
  expect(seriesOf(lines, "relay_build_info")).toEqual({
    [`{version="1.2.3",node="${process.version}"}`]: 1,
  });
  expect(seriesOf(lines, "process_resident_memory_bytes")[""]).toBeGreaterThan(10_000_000);
  expect(seriesOf(lines, "process_cpu_seconds_total")[""]).toBeGreaterThan(0);
  const delays = seriesOf(lines, "relay_event_loop_delay_seconds");
  expect(Object.keys(delays)).toEqual(['{quantile="0.5"}', '{quantile="0.99"}', '{quantile="1"}']);
  for (const delay of Object.values(delays)) {
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThan(10);
  }
  await all.observer.close();
});

test("a loop that is held up is seen", async () => {
  const all = watched();
  all.observer.watch();
  // Twice, so that the monitor has a look before and one after.
  for (let turn = 0; turn < 2; turn++) await heldUp(60);
  await heldUp(0);
  const delays = seriesOf(await scraped(all), "relay_event_loop_delay_seconds");
  expect(delays['{quantile="1"}']).toBeGreaterThan(0.03);
  await all.observer.close();
});

/** Keeps the loop from everything else, then gives timers a turn. */
async function heldUp(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 25));
}
