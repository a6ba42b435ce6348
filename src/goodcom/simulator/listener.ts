import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that can go away and come back on the same port. */
export interface Listener {
  /** @throws Error before it was opened for the first time */
  url(): string;
  /** Rejects with EADDRINUSE when the port is taken. Open already: does nothing. */
  open(): Promise<void>;
  /** Drops every connection. Closed already: does nothing. */
  close(): Promise<void>;
}

/** @param port 0 takes a free one */
export function createListener(handle: RequestListener, port: number, host: string): Listener {
  const server = createServer(handle);
  let bound: AddressInfo | null = null;
  return {
    url() {
      if (bound === null) throw new Error("the simulator does not listen yet: await listen() first");
      return `http://${host.includes(":") ? `[${host}]` : host}:${bound.port}`;
    },
    async open() {
      if (server.listening) return;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      server.once("error", reject);
      server.listen(bound?.port ?? port, host, () => {
        server.off("error", reject);
        bound = server.address() as AddressInfo;
        resolve(undefined);
      });
      await promise;
    },
    async close() {
      if (!server.listening) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      server.close(() => resolve(undefined));
      server.closeAllConnections();
      await promise;
    },
  };
}
