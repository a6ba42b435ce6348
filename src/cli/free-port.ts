import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** Somebody may take the free port between our look and our use of it. */
const TRIES = 3;

/**
 * Starts something on a port that it must know beforehand.
 * @param preferred tried first; when it is busy, free ones of the system's choice
 */
export async function onFreePort<Result>(
  preferred: number,
  start: (port: number) => Promise<Result>,
): Promise<Result> {
  let port = preferred;
  for (let tried = 1; ; tried++) {
    try {
      return await start(port);
    } catch (error) {
      if (!isBusy(error) || tried > TRIES) throw error;
      port = await freePort();
    }
  }
}

/** EACCES: a port below 1024, which only root may take. */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES")
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
