import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  headers: IncomingHttpHeaders;
  text: string;
}

/** What it does with one request: an answer, or none. */
export type Behaviour = { status: number; headers?: Record<string, string> } | "hang" | "reset";

/** Where alerts go, on loopback. */
export interface Receiver {
  url: string;
  received: Received[];
  /** For the next requests, in turn; after the last of them 204. */
  behave(...next: Behaviour[]): void;
  /** Resolves when so many requests have come in all. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function createReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const waiting: { count: number; resolve: () => void }[] = [];
  let behaviours: Behaviour[] = [];

  function answer(response: ServerResponse): void {
    const behaviour = behaviours.shift() ?? { status: 204 };
    if (behaviour === "hang") return;
    if (behaviour === "reset") response.socket?.resetAndDestroy();
    else response.writeHead(behaviour.status, behaviour.headers).end();
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
      answer(response);
      for (const { count, resolve } of waiting) if (received.length >= count) resolve();
    });
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`,
    received,
    behave: (...next) => void (behaviours = next),
    until: (count) =>
      received.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.push({ count, resolve })),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
