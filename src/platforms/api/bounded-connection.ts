import type { buildConnector } from "undici";

/** An answer of which more came than any has. */
export class TooLarge extends Error {}

/**
 * Connections that are cut once more has come by them than any answer has. What stands around an answer (the extensions
 * of a chunk, word after word of 1xx) is read by the HTTP client and told to nobody: a server that sends it without end
 * would have the processor for as long as it is waited for.
 *
 * @param bytesMax of one connection, which is used for one question
 */
export function bounded(connect: buildConnector.connector, bytesMax: number): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      const [, socket] = result;
      socket?.on("readable", () => {
        if (socket.bytesRead > bytesMax) socket.destroy(new TooLarge());
      });
      callback(...result);
    });
  };
}

/** Before an answer. Servers send one or two. */
const INTERIM_MAX = 16;

/** @returns what is to be told of each answer that is none yet (1xx) @throws TooLarge when there is no end of them */
export function boundedInterim(): () => void {
  let count = 0;
  return () => {
    if (++count > INTERIM_MAX) throw new TooLarge();
  };
}
