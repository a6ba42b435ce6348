import { Worker } from "node:worker_threads";
import type { Order, Report } from "./runner.ts";
import { TARGETS } from "./targets.ts";

// `npm run fuzz` runs every target for 1,000,000 runs or 10 minutes, whichever ends first; `npm run fuzz -- json slip`
// runs these. FUZZ_RUNS, FUZZ_MINUTES and FUZZ_SEED set the rest.

/** No single input takes this long; a thread that says nothing for so long hangs. */
const SILENCE_MS = 120_000;

const write = (line: string): void => void process.stdout.write(`${line}\n`);

function numberFrom(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (Number.isFinite(value)) return value;
  throw new Error(`${name} is not a number`);
}

/** @returns whether every promise was kept. A thread, because only from outside can what hangs be ended. */
function run(order: Order): Promise<boolean> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./runner.ts", import.meta.url), { workerData: order });
    const begun = new Int32Array(order.begun);
    const end = (kept: boolean): void => {
      clearTimeout(silence);
      void worker.terminate();
      resolve(kept);
    };
    const silence = setTimeout(() => {
      write(`${order.target}: HANGS in run ${begun[0] ?? 0} of seed ${order.seed}`);
      end(false);
    }, SILENCE_MS);
    worker.on("message", (report: Report) => {
      silence.refresh();
      write(`${order.target}: ${report.line}`);
      if (report.kept !== null) end(report.kept);
    });
    worker.on("error", (error) => {
      write(`${order.target}: BROKEN in run ${begun[0] ?? 0} of seed ${order.seed}: ${String(error)}`);
      end(false);
    });
  });
}

const wanted = process.argv.slice(2);
const known = TARGETS.map(({ name }) => name);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no target ${unknown.join(", ")}; there are ${known.join(", ")}\n`);
  process.exit(2);
}

let kept = true;
for (const target of known.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const order: Order = {
    target,
    seed: numberFrom("FUZZ_SEED", Date.now() % 2 ** 31),
    runs: numberFrom("FUZZ_RUNS", 1_000_000),
    ms: numberFrom("FUZZ_MINUTES", 10) * 60_000,
    begun: new SharedArrayBuffer(4),
  };
  write(`${target}: seed ${order.seed}`);
  kept = (await run(order)) && kept;
}
process.exitCode = kept ? 0 : 1;
