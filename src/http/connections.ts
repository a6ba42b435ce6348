import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { refuseBursts, REQUESTS_AT_ONCE_MAX } from "./bursts.ts";

/**
 * Who is connected, and which of them is being answered. When there are as many as there may be, a new connection takes
 * the place of the one that has kept us waiting longest: idle, or with a request that does not get whole. So strangers
 * who hold connections open shut out one another, and not a store's webhook, which comes in one piece.
 */
export interface Connections {
  opened(socket: Socket): void;
  /**
   * @param res of a request that has just come
   * @returns false when it is not to be dealt with: its connection has too many waiting, and is hung up
   */
  began(res: ServerResponse): boolean;
  /** Not answered yet, oldest first. */
  running(): readonly ServerResponse[];
}

export function createConnections(max: number): Connections {
  /** The one that was answered last, or came last, at the end. */
  const open = new Set<Socket>();
  const running = new Set<ServerResponse>();
  const waiting = new WeakMap<Socket, number>();
  /** Requests of this turn of the event loop: several pieces may be read in it. */
  const began = new Map<Socket, number>();

  function makeRoom(): boolean {
    // One whose answer is ready and not read waits for nobody here.
    const busy = new Set(
      [...running]
        .filter(({ req, writableEnded }) => req.complete && !writableEnded)
        .map(({ req }) => req.socket),
    );
    for (const socket of open) {
      if (busy.has(socket)) continue;
      open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  function isTooMany(socket: Socket): boolean {
    if (began.size === 0) setImmediate(() => began.clear());
    const ofTurn = (began.get(socket) ?? 0) + 1;
    began.set(socket, ofTurn);
    return ofTurn > REQUESTS_AT_ONCE_MAX || (waiting.get(socket) ?? 0) >= REQUESTS_AT_ONCE_MAX;
  }

  return {
    opened(socket) {
      if (open.size >= max && !makeRoom()) {
        socket.destroy();
        return;
      }
      open.add(socket);
      refuseBursts(socket);
      socket.once("close", () => open.delete(socket));
    },
    began(res) {
      const { socket } = res.req;
      if (isTooMany(socket)) socket.destroy();
      if (socket.destroyed) return false;
      waiting.set(socket, (waiting.get(socket) ?? 0) + 1);
      running.add(res);
      res.once("close", () => {
        waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
        running.delete(res);
        if (open.delete(socket)) open.add(socket);
      });
      return true;
    },
    running: () => [...running],
  };
}
