import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { createFastpodSimulator } from "../../../src/platforms/fastpod/simulator.ts";
import { createShoplazzaSimulator } from "../../../src/platforms/shoplazza/simulator.ts";
import { createShoplineSimulator } from "../../../src/platforms/shopline/simulator.ts";
import type { StoreSimulator, StoreSimulatorOptions } from "../../../src/platforms/simulator/simulator.ts";
import { createManualClock, type ManualClock } from "../../fakes/manual-clock.ts";

/** Tue, 24 Nov 2026 07:00:00 GMT */
export const NOW = 1_795_503_600_000;
export const TOKEN = "the-token";

const CREATE = {
  shopline: createShoplineSimulator,
  shoplazza: createShoplazzaSimulator,
  fastpod: createFastpodSimulator,
};
/** The header that shows the token. */
const SHOWN = {
  shopline: { authorization: `Bearer ${TOKEN}` },
  shoplazza: { "access-token": TOKEN },
  fastpod: { authorization: `Bearer ${TOKEN}` },
};

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

export interface OpenStore {
  clock: ManualClock;
  store: StoreSimulator;
  url: string;
  /** @returns status, body and headers */
  ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: never; headers: Headers }>;
}

/** A simulated store that listens, on a clock that stands still at `NOW`. */
export async function openStore(
  platform: keyof typeof CREATE,
  options: Partial<StoreSimulatorOptions> = {},
): Promise<OpenStore> {
  const clock = createManualClock(NOW, () => store.isSending());
  const store: StoreSimulator = CREATE[platform]({ clock, token: TOKEN, ...options });
  open.push(store);
  const url = await store.listen();
  return {
    clock,
    store,
    url,
    async ask(method, path, body, headers = SHOWN[platform]) {
      const sent = body === undefined ? null : JSON.stringify(body);
      const answer = await fetch(url + path, { method, headers, body: sent });
      return { status: answer.status, body: (await answer.json()) as never, headers: answer.headers };
    },
  };
}

/** Somebody whom the store calls. */
export interface Receiver {
  url: string;
  /** Answered with from now on. */
  status: number;
  got: { headers: IncomingHttpHeaders; body: string }[];
}

export async function openReceiver(): Promise<Receiver> {
  const receiver: Receiver = { url: "", status: 200, got: [] };
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      receiver.got.push({ headers: request.headers, body });
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  open.push({
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return receiver;
}
