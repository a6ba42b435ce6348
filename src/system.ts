import type { MachineClock } from "./core/time.ts";

/** The one home of the machine's time and chance (test/architecture.test.ts): everybody else is handed them. */
export const systemClock: MachineClock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.now()),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Node fires a longer timer at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Resolves when the event loop has gone round. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs a task again and again, as long as something else keeps its thread alive. */
export function meanwhile(everyMs: number, task: () => void): void {
  setInterval(task, everyMs).unref();
}

export const systemChance = (): number => Math.random();

/** Options by which node writes its memory into files, or lets others look into it. */
const OPENING_OPTIONS =
  /^--(inspect(-brk|-wait)?|heapsnapshot-signal|heapsnapshot-near-heap-limit|heap-prof)(=|$)/;

/** Without it a signal opens the inspector, to whoever may send one and connect. */
const SIGNAL_SHUT = /^--disable-sigusr1$/;

/**
 * What lets others read the memory of this process, and with it every secret in plain: a file that the system writes when
 * it crashes, or an option of node. Node cannot turn the first off by itself.
 *
 * @param nodeOptions of the environment, where node takes options from, too
 * @returns what is open and how to close it, a sentence each
 */
export function memoryExposures(nodeOptions = ""): string[] {
  const given = [...process.execArgv, ...nodeOptions.split(/\s+/)];
  const options = given.filter((word) => OPENING_OPTIONS.test(word));
  return [
    ...(coreLimit() === 0
      ? []
      : ["a crash would write a core dump: start it under `ulimit -c 0` (docs/deployment.md)"]),
    ...(given.some((word) => SIGNAL_SHUT.test(word))
      ? []
      : ["SIGUSR1 would open node's inspector: start it by npm start, or with node --disable-sigusr1"]),
    ...options.map((option) => `node was started with ${option.replace(/=.*/, "")}: start it without`),
  ];
}

/** Soft limit of a core dump's size; 0 where the system makes none, or tells no limit. */
function coreLimit(): number | "unlimited" {
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  // Else every connection's address would be looked up by name.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as ReportedLimits;
  return userLimits?.core_file_size_blocks?.soft ?? 0;
}

/** As much of node's diagnostic report as is read. */
interface ReportedLimits {
  userLimits?: { core_file_size_blocks?: { soft: number | "unlimited" } };
}
