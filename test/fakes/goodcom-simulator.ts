import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import type { CancelOrderBody } from "../../src/goodcom/api.ts";
import {
  createGoodcomSimulator,
  type GoodcomSimulator,
  type SimulatorOptions,
} from "../../src/goodcom/simulator/simulator.ts";
import { sampleOrder } from "./goodcom.ts";
import { createManualClock } from "./manual-clock.ts";

/** Unix ms of 2026-06-22T05:44:02.846 UTC: the vendor's example. */
export const NOW = 1782107042846;

const cleanups: (() => Promise<unknown>)[] = [];
/** Closes what the test has started; to be called once, at the top of a test file. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
}

export async function start(options: Partial<SimulatorOptions> = {}): Promise<GoodcomSimulator> {
  const cloud = createGoodcomSimulator({ clock: createManualClock(NOW), confirm_after_ms: null, ...options });
  cleanups.push(() => cloud.close());
  await cloud.listen();
  return cloud;
}

export function body(changes: Partial<CancelOrderBody> = {}): CancelOrderBody {
  const order = sampleOrder(changes);
  return {
    api_key: "APIKEY-7f3a99",
    cur_time: String(NOW),
    sign: "",
    callback_url: "",
    ...order,
    ...changes,
  };
}

export interface Answered {
  status: number;
  answer: unknown;
}

/** Posts an order to one of the two endpoints. */
export function post(cloud: GoodcomSimulator, value: unknown, endpoint = "cancelorder"): Promise<Answered> {
  return command(cloud, `/v1/api/${endpoint}`, value);
}

/** Posts to any path. */
export async function command(
  cloud: GoodcomSimulator,
  path: string,
  value: unknown,
  type = "application/json",
): Promise<Answered> {
  const headers = { "content-type": type, "idempotency-key": "k1" };
  const res = await fetch(`${cloud.url}${path}`, { method: "POST", headers, body: JSON.stringify(value) });
  return { status: res.status, answer: await res.json() };
}

/** Takes callbacks; `first` is the first that came. */
export async function callbackServer(status = 200): Promise<{
  url: string;
  first: Promise<{ req: IncomingMessage; text: string }>;
}> {
  const { promise, resolve } = Promise.withResolvers<{ req: IncomingMessage; text: string }>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.once("end", () => {
      res.statusCode = status;
      res.end("OK");
      resolve({ req, text: Buffer.concat(chunks).toString() });
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(null)));
  cleanups.push(() => new Promise((closed) => server.close(closed)));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/callbacks/goodcom/d1/TOKEN-c0ffee`, first: promise };
}
