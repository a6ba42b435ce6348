import { monitorEventLoopDelay } from "node:perf_hooks";
import { SECOND_MS } from "../core/time.ts";
import { gauge, type Family } from "./families.ts";

/** How this process does. */
export interface ProcessFigures {
  /** Begins to look at the event loop; before it there is no delay to tell. */
  watch(): void;
  families(): Family[];
  stop(): void;
}

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>;

/** The loop is looked at this often; what a look comes later than that is the delay. */
const LOOK_EVERY_MS = 20;
const NS_PER_S = 1e9;
const MICROS_PER_S = 1e6;

export function createProcessFigures(version: string): ProcessFigures {
  let delay: IntervalHistogram | null = null;
  return {
    watch() {
      delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
      delay.enable();
    },
    families() {
      const { user, system } = process.cpuUsage();
      const cpu = (user + system) / MICROS_PER_S;
      const { rss, heapUsed } = process.memoryUsage();
      return [
        ...(delay === null ? [] : [delayFamily(delay)]),
        counter("process_cpu_seconds_total", "Processor time of all threads", cpu),
        gauge("process_resident_memory_bytes", "Memory of the whole process", rss),
        gauge("nodejs_heap_size_used_bytes", "Heap in use of the thread that answers", heapUsed),
        gauge("process_uptime_seconds", "Since the process began", process.uptime()),
        {
          kind: "gauge",
          name: "relay_build_info",
          help: "Always 1; the version is in its labels",
          series: [{ labels: { version, node: process.version }, value: 1 }],
        },
      ];
    },
    stop: () => void delay?.disable(),
  };
}

function counter(name: string, help: string, value: number): Family {
  return { kind: "counter", name, help, series: [{ labels: {}, value }] };
}

/** Since it was last asked for. */
function delayFamily(delay: IntervalHistogram): Family {
  const beyond = (ns: number): number => Math.max(0, ns / NS_PER_S - LOOK_EVERY_MS / SECOND_MS);
  const series = [
    { labels: { quantile: "0.5" }, value: beyond(delay.percentile(50)) },
    { labels: { quantile: "0.99" }, value: beyond(delay.percentile(99)) },
    { labels: { quantile: "1" }, value: beyond(delay.count === 0 ? 0 : delay.max) },
  ];
  delay.reset();
  const help = "How late the event loop came to what was due, since the last scrape";
  return { kind: "summary", name: "relay_event_loop_delay_seconds", help, series };
}
