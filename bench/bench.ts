import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bench, Extent, Target } from "./figure.ts";
import type { LoadMode, LoadPlan, LoadReport } from "./load/plan.ts";
import { refuseMemoryDisk } from "./machine.ts";
import { startBaseline } from "./subjects/baseline.ts";
import { startCloud } from "./subjects/cloud.ts";
import { makeFilledHome } from "./filled/filled.ts";
import { makeFilledDatabase } from "./filled/database.ts";
import { startBenchPostgres, type Postgres } from "./subjects/postgres.ts";
import { makeHome, startRelay, type RelayHome } from "./subjects/relay.ts";
import { STORE } from "./subjects/subject.ts";

const CONNECTIONS = 50;
/** Of eight digits, as a plan's `run` has them. */
const FIRST_RUN = 10_000_000;
const WARM_UP_S_MAX = 2;
const REPORT_BYTES_MAX = 64 * 1024 * 1024;
const LOAD = fileURLToPath(new URL("./load/load.ts", import.meta.url));
const runFile = promisify(execFile);

/** The bench's own side of `Bench`. */
export interface OpenBench extends Bench {
  /** Removes what a figure left, but for the filled ledger. */
  tidy(): Promise<void>;
}

/** @throws when the folder for temporary files is in memory: its flushes would cost nothing */
export async function openBench(extent: Extent): Promise<OpenBench> {
  const folder = mkdtempSync(join(tmpdir(), "relay-bench-"));
  refuseMemoryDisk(folder);
  const cloud = await startCloud();
  const home: Bench["home"] = (options) => makeHome(folder, { cloud: cloud.url, ...options });
  const load = createLoad();
  let filled: Promise<RelayHome> | undefined;
  let postgres: Promise<Postgres> | undefined;
  let filledDatabase: Promise<string> | undefined;
  const warmUpS = Math.min(WARM_UP_S_MAX, extent.seconds);
  const bench: OpenBench = {
    extent,
    cloud,
    folder,
    home,
    load,
    relay: async (options) => startRelay(await home(options)),
    baseline: (name, flushUs) => startBaseline(folder, name, flushUs),
    closedLoop: (target, repeats) =>
      load(target, { kind: "closed", warm_up_s: warmUpS, seconds: extent.seconds }, repeats),
    filled: () => (filled ??= makeFilledHome(bench)),
    postgres: () => (postgres ??= startBenchPostgres()),
    filledDatabase: () => (filledDatabase ??= makeFilledDatabase(bench)),
    async tidy() {
      const kept = await filled;
      for (const name of readdirSync(folder)) {
        if (join(folder, name) !== kept?.folder) rmSync(join(folder, name), { recursive: true });
      }
    },
  };
  process.once("exit", () => {
    cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return bench;
}

function createLoad(): Bench["load"] {
  let run = FIRST_RUN;
  return async (target: Target, mode: LoadMode, repeats = 0, ended) => {
    const plan: LoadPlan = {
      urls: [target].flat().map(({ url }) => url),
      store: STORE.name,
      secret: STORE.secret,
      connections: CONNECTIONS,
      run: String(++run),
      repeats,
      mode,
    };
    const running = runFile(process.execPath, [LOAD, JSON.stringify(plan)], {
      maxBuffer: REPORT_BYTES_MAX,
    });
    const end = (): void => void running.child.kill("SIGTERM");
    ended?.then(end, end);
    const { stdout } = await running;
    const report = JSON.parse(stdout) as LoadReport;
    const refused = Object.entries(report.others).map(([status, count]) => `${count} × ${status}`);
    if (refused.length + report.broken > 0) {
      throw new Error(`not all was answered 200: ${[...refused, `${report.broken} broken`].join(", ")}`);
    }
    return report;
  };
}
