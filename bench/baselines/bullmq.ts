import { Queue, Worker } from "bullmq";
import { serveExpress } from "./express.ts";
import { createDelivery, type Job } from "./order.ts";

// Baseline 3: the usual way, with equal durability: Express takes the webhook, BullMQ keeps it in Redis
// (appendfsync always), a worker in the same process posts it. Jobs are kept when done, or the dedupe by job id
// would be forgotten. The worker begins at SIGUSR2, so that a backlog can be made first.

/** As many as the relay sends at once. */
const CONCURRENCY = 64;

const { BENCH_PORT, BENCH_SECRET = "", BENCH_REDIS_PORT, BENCH_CLOUD_URL = "" } = process.env;
const { BENCH_API_KEY: api_key = "", BENCH_SECRET_KEY: secret_key = "" } = process.env;
const connection = { host: "127.0.0.1", port: Number(BENCH_REDIS_PORT), maxRetriesPerRequest: null };
const queue = new Queue<Job>("cancellations", { connection });
const deliver = createDelivery(BENCH_CLOUD_URL, { api_key, secret_key }, CONCURRENCY);
const worker = new Worker<Job>("cancellations", ({ data }) => deliver(data), {
  connection,
  concurrency: CONCURRENCY,
  autorun: false,
});

process.once("SIGUSR2", () => void worker.run());
// BullMQ takes no colon in a job's id.
serveExpress(Number(BENCH_PORT), BENCH_SECRET, (job, { id }) =>
  queue.add("cancel", job, { jobId: `${job.store}/${id}` }),
);
