import { createHash } from "node:crypto";
import { PgBoss } from "pg-boss";
import { serveExpress } from "./express.ts";
import { createDelivery, type Job } from "./order.ts";

// Baseline 4: the usual way on PostgreSQL: Express takes the webhook, pg-boss keeps it, one durable insert each, a
// worker in the same process posts it. The order makes the job's id, which is unique among all jobs that are kept.
// The worker begins at SIGUSR2, so that a backlog can be made first.

/** In one fetch, and posted at once: as many as a relay sends. The other worker fetches and completes meanwhile. */
const BATCH = 64;
const WORKERS = 2;
/** As many as requests come at once to each of two; its default of 10 is not quicker. */
const POOL = 25;
const QUEUE = "cancellations";

const { BENCH_PORT, BENCH_SECRET = "", BENCH_DATABASE = "", BENCH_CLOUD_URL = "" } = process.env;
const { BENCH_API_KEY: api_key = "", BENCH_SECRET_KEY: secret_key = "" } = process.env;
const boss = new PgBoss({ connectionString: BENCH_DATABASE, max: POOL });
boss.on("error", (error) => process.stderr.write(`${String(error)}\n`));
await boss.start();
await boss.createQueue(QUEUE);
const deliver = createDelivery(BENCH_CLOUD_URL, { api_key, secret_key }, BATCH * WORKERS);

process.once("SIGUSR2", () => {
  const options = {
    ...{
      batchSize: BATCH,
      localConcurrency: WORKERS,
      burstWhenBatchFull: true,
      perJobResults: true as const,
    },
  };
  void boss.work<Job>(QUEUE, options, (jobs) =>
    Promise.all(
      jobs.map(async ({ id, data }) => {
        try {
          await deliver(data);
          return { id, status: "completed" as const };
        } catch (error) {
          return { id, status: "failed" as const, output: { error: String(error) } };
        }
      }),
    ),
  );
});
serveExpress(Number(BENCH_PORT), BENCH_SECRET, (job, { id }) =>
  boss.send(QUEUE, job, { id: uuidOf(`${job.store}/${id}`) }),
);

/** The same for the same name. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
