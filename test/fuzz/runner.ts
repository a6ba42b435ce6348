import { parentPort, workerData } from "node:worker_threads";
import fc from "fast-check";
import { TARGETS } from "./targets.ts";

/** Started by fuzz.ts in a thread of its own: one target, until its time or its runs are over. */
export interface Order {
  target: string;
  seed: number;
  runs: number;
  ms: number;
  /** The runs begun so far, where they can be read while this thread hangs. */
  begun: SharedArrayBuffer;
}

export interface Report {
  line: string;
  /** Null: not at the end yet. */
  kept: boolean | null;
}

const PROGRESS_MS = 10_000;

const order = workerData as Order;
const { input, hold } = TARGETS.find(({ name }) => name === order.target)!;
const startedAt = performance.now();
const begun = new Int32Array(order.begun);
let [runs, slowestMs, toldAt] = [0, 0, startedAt];

function tell(line: string, kept: boolean | null): void {
  const seconds = (performance.now() - startedAt) / 1000;
  const figures = `${runs} runs in ${seconds.toFixed(0)} s, the slowest ${slowestMs.toFixed(0)} ms`;
  parentPort?.postMessage({ line: `${figures}${line}`, kept } satisfies Report);
}

function watched(given: unknown): void {
  const from = performance.now();
  begun[0] = ++runs;
  hold(given);
  const now = performance.now();
  slowestMs = Math.max(slowestMs, now - from);
  if (now - toldAt < PROGRESS_MS) return;
  toldAt = now;
  tell("", null);
}

/** Bytes as text where they are text. */
function readable(_key: string, value: unknown): unknown {
  const isBuffer = typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";
  if (!isBuffer || !("data" in value)) return value;
  const bytes = Buffer.from(value.data as number[]);
  const utf8 = bytes.toString("utf8");
  return Buffer.from(utf8).equals(bytes) ? { utf8 } : { base64: bytes.toString("base64") };
}

const result = fc.check<[unknown]>(fc.property(input, watched), {
  numRuns: order.runs,
  seed: order.seed,
  plugins: [fc.interruptAfterTimeLimit(order.ms)],
});
if (!result.failed) tell("; every promise was kept", true);
else {
  const why =
    result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  const shrunk = JSON.stringify(result.counterexample?.[0], readable);
  tell(`; BROKEN by seed ${order.seed}, path ${result.counterexamplePath ?? "?"}: ${why}\n${shrunk}`, false);
}
