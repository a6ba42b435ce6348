import type { Socket } from "node:net";

/**
 * Requests in one piece of what a connection sends, at most. Stores and proxies send one and wait for its answer; a
 * stranger may write thousands into the 64 KB that are read at once, and all others would wait until they are done.
 */
export const REQUESTS_AT_ONCE_MAX = 16;

/** A request's first line ends so, in any version; with the line's end it stands in no JSON, whose texts have none. */
const VERSION = " HTTP/";
const FIRST_LINE_END = /^ HTTP\/\d\.\d\r\n$/;
const FIRST_LINE_END_BYTES = " HTTP/1.1\r\n".length;

/**
 * Hangs up a connection that sends too many requests in one piece, before any of them is read: node's parser does not
 * stop inside a piece, and even an aborted request costs it more than most answers.
 *
 * @param socket of a server that reads it already
 */
export function refuseBursts(socket: Socket): void {
  const readers = socket.listeners("data");
  socket.removeAllListeners("data");
  socket.on("data", (piece: Buffer) => {
    if (isBurst(piece)) socket.destroy();
    if (socket.destroyed) return;
    for (const read of readers) read.call(socket, piece);
  });
}

function isBurst(piece: Buffer): boolean {
  let count = 0;
  for (let at = piece.indexOf(VERSION); at !== -1; at = piece.indexOf(VERSION, at + 1)) {
    if (!FIRST_LINE_END.test(piece.toString("latin1", at, at + FIRST_LINE_END_BYTES))) continue;
    if (++count > REQUESTS_AT_ONCE_MAX) return true;
  }
  return false;
}
