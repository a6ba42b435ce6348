import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Who is connected, and which of them is being answered. When there are as many as there may be, a new connection takes
 * the place of the one that has kept us waiting longest: idle, or with a request that does not get whole. So strangers
 * who hold connections open shut out one another, and not a store's webhook, which comes in one piece.
 */
export interface Connections {
  opened(socket: Socket): void;
  /** @param res of a request that has just come */
  began(res: ServerResponse): void;
  /** Not answered yet, oldest first. */
  running(): readonly ServerResponse[];
}

export function createConnections(max: number): Connections {
  /** The one that was answered last, or came last, at the end. */
  const open = new Set<Socket>();
  const running = new Set<ServerResponse>();

  function makeRoom(): boolean {
    const answered = new Set([...running].filter(({ req }) => req.complete).map(({ req }) => req.socket));
    for (const socket of open) {
      if (answered.has(socket)) continue;
      open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  return {
    opened(socket) {
      if (open.size >= max && !makeRoom()) {
        socket.destroy();
        return;
      }
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    },
    began(res) {
      const { socket } = res.req;
      running.add(res);
      res.once("close", () => {
        running.delete(res);
        if (open.delete(socket)) open.add(socket);
      });
    },
    running: () => [...running],
  };
}
