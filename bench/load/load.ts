import { monotonicMs } from "../clock.ts";
import { orderIdOf } from "./bodies.ts";
import { openConnection, type Connection } from "./connection.ts";
import { createOrders } from "./orders.ts";
import type { LoadPlan, LoadReport } from "./plan.ts";
import { requestTemplates, type RequestTemplate } from "./request.ts";
import { createTally } from "./tally.ts";

// The load generator, a process of its own: `node bench/load/load.ts '<LoadPlan as JSON>'`.

/** One connection and what is in flight on it. */
interface Lane {
  connection: Connection;
  buffers: Map<RequestTemplate, Buffer>;
  /** Null: nothing is in flight. */
  order: number | null;
  writtenAt: number;
}

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const { mode } = plan;
// One Host for all, as behind a balancer.
const templates = requestTemplates({ ...plan, url: plan.urls[0] ?? "" });
const from = monotonicMs() + (mode.kind === "closed" ? mode.warm_up_s * 1000 : 0);
let upTo = mode.kind === "count" ? Infinity : from + mode.seconds * 1000;
const tally = createTally(from, upTo);
const orders = createOrders(plan, () => monotonicMs() >= upTo);
const sentAt: LoadReport["sent_at"] = [];
const idle = new Set<Lane>();
/** For mode `rate`: how many were sent. */
let offered = 0;

// Whoever does not know beforehand how long it will be ends it so: no new request, and the report.
process.once("SIGTERM", () => (upTo = Math.min(upTo, monotonicMs())));
for (let n = 0; n < plan.connections; n++) openLane(plan.urls[n % plan.urls.length] ?? "");
if (mode.kind === "rate") offerEvenly(mode.per_second);

function openLane(url: string): void {
  const { hostname, port } = new URL(url);
  const lane: Lane = {
    buffers: new Map(),
    order: null,
    writtenAt: 0,
    connection: openConnection(hostname, Number(port), {
      onReady: () => takeNext(lane),
      onAnswer(status, isDuplicate) {
        if (lane.order !== null) orders.answered(lane.order, status);
        lane.order = null;
        tally.count(status, isDuplicate, lane.writtenAt, monotonicMs());
      },
      onBroken: () => tally.broken(),
      onFailed: fail,
    }),
  };
}

function takeNext(lane: Lane): void {
  // After a broken connection its order goes again: nobody knows whether it was taken.
  const order = lane.order ?? (mode.kind === "rate" ? null : orders.next());
  if (order !== null) {
    send(lane, order);
    return;
  }
  idle.add(lane);
  if (mode.kind !== "rate") finishIfIdle();
}

function send(lane: Lane, order: number): void {
  const template = templates[order % templates.length];
  if (template === undefined) throw new Error("there is no body to send");
  const buffer = lane.buffers.get(template) ?? template.copy();
  lane.buffers.set(template, buffer);
  template.write(buffer, order);
  lane.order = order;
  lane.writtenAt = monotonicMs();
  if (mode.kind === "rate") sentAt.push([orderIdOf(plan.run, order), lane.writtenAt]);
  lane.connection.send(buffer);
}

/** The n-th request leaves at its moment, or with the first connection that is free afterwards. */
function offerEvenly(perSecond: number): void {
  const due = Math.floor(((monotonicMs() - from) / 1000) * perSecond);
  for (const lane of idle) {
    if (offered >= due) break;
    const order = orders.next();
    if (order === null) break;
    idle.delete(lane);
    offered++;
    send(lane, order);
  }
  if (monotonicMs() >= upTo && idle.size === plan.connections) finishIfIdle();
  else setTimeout(() => offerEvenly(perSecond), 1);
}

function finishIfIdle(): void {
  if (idle.size < plan.connections) return;
  const report: LoadReport = {
    ...tally.report(monotonicMs()),
    orders: orders.acknowledged(),
    body_bytes_mean: Math.round(
      templates.reduce((sum, { body_bytes }) => sum + body_bytes, 0) / templates.length,
    ),
    sent_at: sentAt,
  };
  process.stdout.write(JSON.stringify(report) + "\n", () => process.exit(0));
}

function fail(error: Error): void {
  process.stderr.write(`load: ${error.message}\n`);
  process.exit(1);
}
