import { createServer } from "node:net";

/** Below the range from which the kernel takes ports for outgoing connections: nobody takes it meanwhile. */
const FIRST_PORT = 18_000;
const PORTS = 10_000;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
