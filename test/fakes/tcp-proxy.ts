import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A wire on loopback between a client and a server, which a test may break. */
export interface TcpProxy {
  port: number;
  /** From now on no byte passes, and nobody is told; new connections are taken, and hear nothing either. */
  freeze(): void;
  /** What was held back passes. */
  thaw(): void;
  /** Looks at what passes on every connection. */
  watch(watcher: Watcher | null): void;
  close(): Promise<void>;
}

/** @returns `cut`: these bytes are not passed on any more, and the connection is ended */
export type Watcher = (bytes: Buffer, from: "client" | "server", connection: object) => "cut" | undefined;

export async function openTcpProxy(serverPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let watcher: Watcher | null = null;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    if (frozen) socket.pause();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  }

  const proxy = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    const connection = {};
    keep(client);
    keep(server);
    const pass = (from: "client" | "server", source: Socket, target: Socket): void => {
      source.on("data", (bytes: Buffer) => {
        if (watcher?.(bytes, from, connection) !== "cut") target.write(bytes);
        else {
          source.destroy();
          target.destroy();
        }
      });
      if (frozen) source.pause();
      source.on("close", () => target.destroy());
    };
    pass("client", client, server);
    pass("server", server, client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));

  return {
    port: (proxy.address() as AddressInfo).port,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    watch(next) {
      watcher = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
