import type { Socket } from "node:net";

/**
 * Requests in one piece of what a connection sends, at most. Stores and proxies send one and wait for its answer; a
 * stranger may write thousands into the 64 KB that are read at once, and all others would wait until they are done.
 */
export const REQUESTS_AT_ONCE_MAX = 16;

/** Ends a request's first line, and stands in no JSON: a text in it has no line breaks. */
const FIRST_LINE_END = Buffer.from(" HTTP/1.1\r\n");

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
  for (let at = piece.indexOf(FIRST_LINE_END); at !== -1; at = piece.indexOf(FIRST_LINE_END, at + 1)) {
    if (++count > REQUESTS_AT_ONCE_MAX) return true;
  }
  return false;
}
