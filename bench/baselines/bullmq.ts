import { createHash } from "node:crypto";
import { Queue, Worker } from "bullmq";
import express from "express";
import { Pool } from "undici";
import { createVerifier } from "./signed.ts";

// Baseline 3: the usual way, with equal durability: Express takes the webhook, BullMQ keeps it in Redis
// (appendfsync always), a worker in the same process posts it. Jobs are kept when done, or the dedupe by job id
// would be forgotten. The worker begins at SIGUSR2, so that a backlog can be made first.

interface Order {
  id: string;
  name: string;
  cancel_reason: string;
  cancelled_at: string;
  line_items: { quantity: number; title: string; price: string }[];
}

interface Job {
  store: string;
  /** As it came. */
  body: string;
}

/** As many as the relay sends at once. */
const CONCURRENCY = 64;
const BODY_BYTES_MAX = 1024 * 1024;

const { BENCH_PORT, BENCH_SECRET = "", BENCH_REDIS_PORT, BENCH_CLOUD_URL = "" } = process.env;
const { BENCH_API_KEY = "", BENCH_SECRET_KEY = "" } = process.env;
const connection = { host: "127.0.0.1", port: Number(BENCH_REDIS_PORT), maxRetriesPerRequest: null };
const isSigned = createVerifier(BENCH_SECRET);
const queue = new Queue<Job>("cancellations", { connection });
const cloud = new Pool(BENCH_CLOUD_URL, { connections: CONCURRENCY, pipelining: 1 });
const worker = new Worker<Job>("cancellations", ({ data }) => deliver(data), {
  connection,
  concurrency: CONCURRENCY,
  autorun: false,
});

process.once("SIGUSR2", () => void worker.run());

const app = express();
app.disable("x-powered-by");
app.post(
  "/webhooks/shopline/:store",
  express.raw({ type: () => true, limit: BODY_BYTES_MAX }),
  async (req, res) => {
    const body = req.body as Buffer;
    if (!isSigned(body, req.get("X-Shopline-Hmac-Sha256"))) {
      res.status(401).json({ status: "refused" });
      return;
    }
    const text = body.toString();
    const order = JSON.parse(text) as Order;
    const { store } = req.params;
    // BullMQ takes no colon in a job's id.
    await queue.add("cancel", { store, body: text }, { jobId: `${store}/${order.id}` });
    res.json({ status: "accepted" });
  },
);
app.listen(Number(BENCH_PORT), "127.0.0.1");

async function deliver({ body }: Job): Promise<void> {
  const order = JSON.parse(body) as Order;
  const curTime = String(Date.now());
  const sign = createHash("md5")
    .update(BENCH_API_KEY + curTime + BENCH_SECRET_KEY)
    .digest("hex");
  const answer = await cloud.request({
    method: "POST",
    path: "/v1/api/cancelorder",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      api_key: BENCH_API_KEY,
      cur_time: curTime,
      sign,
      order_id: order.id,
      order_json: JSON.stringify(order),
      order_txt: textOf(order),
    }),
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`the cloud answered ${answer.statusCode}`);
}

function textOf(order: Order): string {
  const lines = order.line_items.map(({ quantity, title, price }) => `${quantity} x ${title}  ${price}`);
  return [`ORDER ${order.name} CANCELLED`, order.cancelled_at, order.cancel_reason, ...lines].join("\n");
}
