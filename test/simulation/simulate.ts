import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { startPostgres } from "../fakes/postgres.ts";
import { postgresMedia } from "./postgres-medium.ts";
import { openSqliteMedium } from "./sqlite-medium.ts";
import { runWorld } from "./world.ts";

// `npm run simulate -- --seeds 5000 --from 123` runs many worlds, one process a core (`--jobs 1`: in this one).
// `npm run simulate -- --seed 123` runs one and tells all of it. `--postgres`: on a server, not on a file, half of the
// worlds with two relays.

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    postgres: { type: "boolean", default: false },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
const [from, seeds, jobs] = [Number(values.from), Number(values.seeds), Number(values.jobs)];
// One job's own, as the file is.
const server = values.postgres && (values.seed !== undefined || jobs === 1) ? await startPostgres() : null;
const openMedium = server === null ? openSqliteMedium : await postgresMedia(server);
const write = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = (await run()) === 0 ? 0 : 1;
} finally {
  await server?.remove();
}

/** @returns how many worlds, or processes with some, met a broken promise */
async function run(): Promise<number> {
  if (values.seed === undefined) return jobs === 1 ? runMany() : runJobs();
  const { trace, broken } = await runWorld(Number(values.seed), openMedium);
  for (const line of trace) write(line);
  write(broken === null ? "every promise was kept" : `BROKEN: ${broken}`);
  return broken === null ? 0 : 1;
}

async function runMany(): Promise<number> {
  let count = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runWorld(seed, openMedium);
    if (result.broken === null) continue;
    count++;
    write(
      `BROKEN by seed ${seed}: ${result.broken}\n  npm run simulate --${values.postgres ? " --postgres" : ""} --seed ${seed}`,
    );
  }
  return count;
}

/** @returns how many processes met a broken promise, each of which has said which */
async function runJobs(): Promise<number> {
  const startedAt = performance.now();
  const share = Math.ceil(seeds / jobs);
  const codes = await Promise.all(
    Array.from({ length: jobs }, (_, job) => {
      const first = from + job * share;
      const count = Math.max(0, Math.min(share, from + seeds - first));
      const args = ["--jobs", "1", "--from", String(first), "--seeds", String(count)];
      if (values.postgres) args.push("--postgres");
      const child = fork(import.meta.filename, args);
      return new Promise<number | null>((resolve) => child.once("exit", resolve));
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  write(
    `${seeds} worlds from seed ${from} in ${seconds.toFixed(0)} s, ${(seeds / seconds).toFixed(0)} a second`,
  );
  const failed = codes.filter((code) => code !== 0).length;
  write(failed === 0 ? "every promise was kept" : "promises were broken: see the seeds above");
  return failed;
}
