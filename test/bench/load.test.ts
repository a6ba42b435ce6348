import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoadPlan, LoadReport } from "../../bench/load/plan.ts";

const LOAD = fileURLToPath(new URL("../../bench/load/load.ts", import.meta.url));
const RECEIVERS = 2;

/** Answers 200 to everything. */
interface Receiver {
  server: Server;
  connections: number;
  orders: string[];
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((req, res) => {
    receiver.orders.push(String(req.headers["x-shopline-webhook-id"]));
    req.resume().once("end", () => res.writeHead(200, { "content-length": 2 }).end("{}"));
  });
  const receiver: Receiver = { server, connections: 0, orders: [] };
  server.on("connection", () => receiver.connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return receiver;
}

describe("a load on several receivers", () => {
  const receivers: Receiver[] = [];
  let report: LoadReport;

  beforeAll(async () => {
    for (let n = 0; n < RECEIVERS; n++) receivers.push(await startReceiver());
    const urls = receivers.map(({ server }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const plan: LoadPlan = {
      ...{ urls, store: "noodle-bar", secret: "secret", connections: 6, run: "12345678", repeats: 0 },
      mode: { kind: "count", orders: 60 },
    };
    const { stdout } = await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(plan)]);
    report = JSON.parse(stdout) as LoadReport;
  });

  afterAll(() => receivers.forEach(({ server }) => server.close()));

  test("divides its connections evenly among them", () => {
    expect(receivers.map(({ connections }) => connections)).toEqual([3, 3]);
  });

  test("sends each order once, to one of them, and reports the sum", () => {
    const all = receivers.flatMap(({ orders }) => orders);
    expect(all).toHaveLength(60);
    expect(new Set(all).size).toBe(60);
    expect(report).toMatchObject({ acks: 60, orders: 60, others: {}, broken: 0 });
  });
});
