import { expect, test } from "vitest";
import { ATTEMPTED, watched } from "./watched.ts";

test("one act is one wide JSON line", () => {
  const { observer, lines } = watched();
  observer.emit(ATTEMPTED);
  observer.emit({ ...ATTEMPTED, outcome: "unknown" });
  expect(lines).toHaveLength(2);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(line).toMatchObject({ level: 30, msg: "delivery.attempted", order: "1001", duration_ms: 40 });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: 40 });
});

test("open pages hear of each act, and of which order it is", () => {
  const { observer } = watched();
  const heard: (string | null)[] = [];
  observer.changes.subscribe((order) => void heard.push(order));
  observer.emit(ATTEMPTED);
  expect(heard).toEqual(["1001"]);
});

test("closing an observer that has watched leaves nothing running", async () => {
  const { observer, clock, ledger } = watched();
  let reads = 0;
  ledger.pastSteps = () => {
    reads++;
    return Promise.resolve({ steps: [], next_place: 1 });
  };
  observer.watch();
  await clock.advance(100);
  const before = reads;
  await observer.close();
  await clock.advance(60_000);
  expect(before).toBeGreaterThan(1);
  expect(reads).toBe(before);
});

test("a refusal that is in a sum is counted like others, and only its sum is a line", async () => {
  const { observer, lines } = watched();
  const of = { store: "noodle-bar", platform: "shopline", why: "bad_signature", detail: "" } as const;
  observer.emit({ event: "webhook.refused", ...of, summed: true });
  expect(lines).toEqual([]);
  observer.emit({ event: "webhook.refusals_summed", store: "noodle-bar", count: 7, networks: ["192.0.2.1"] });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 40, event: "webhook.refusals_summed", count: 7 }),
  ]);
  const { text } = await observer.scrape();
  expect(text).toContain('relay_webhooks_refused_total{platform="shopline",why="bad_signature"} 1');
});
