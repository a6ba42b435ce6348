import { beforeEach, expect, test } from "vitest";
import { createProbers, type Probers } from "../../src/worker/probers.ts";

let probers: Probers;
beforeEach(() => {
  probers = createProbers();
});

/** It is refused until it is passed over, and the next is taken. */
function isNeverTaken(delivery: string): void {
  for (let n = 0; n < 5; n++) refused(delivery);
  probers.settle("cloud", `after ${delivery}`, { kind: "accepted", http_status: 200 });
}
function refused(delivery: string): void {
  probers.settle("cloud", delivery, { kind: "unavailable", http_status: 503 });
}
/** Whether it would probe when it is the first that finds the cloud away. */
function probes(delivery: string): boolean {
  refused(delivery);
  const isProber = probers.of("cloud") === delivery;
  probers.forget("cloud");
  return isProber;
}

test("each that the cloud took not where it took the next probes no more, however many there are", () => {
  const bad = ["a", "b", "c"];
  bad.forEach(isNeverTaken);
  expect(bad.filter(probes)).toEqual([]);
  expect(probes("d")).toBe(true);
});

test("of more than 1000 of them the oldest is forgotten", () => {
  const bad = Array.from({ length: 1001 }, (_, n) => `bad ${n}`);
  bad.forEach(isNeverTaken);
  expect(bad.filter(probes)).toEqual(["bad 0"]);
});
