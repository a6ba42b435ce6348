import { connect, type Socket } from "node:net";

/** What one connection tells. */
export interface ConnectionEvents {
  /** Ready for the next request, at the start and after every answer. */
  onReady: () => void;
  onAnswer: (status: number, isDuplicate: boolean) => void;
  /** Broken with a request in flight; `onReady` follows on a new connection. */
  onBroken: () => void;
  /** Cannot be made. */
  onFailed: (error: Error) => void;
}

/** HTTP/1.1 by hand on one kept connection, one request in flight: less work than any client library. */
export interface Connection {
  send(request: Buffer): void;
  close(): void;
}

export function openConnection(host: string, port: number, events: ConnectionEvents): Connection {
  let socket: Socket;
  let inFlight = false;
  let closed = false;
  let received = "";

  function open(): void {
    received = "";
    socket = connect({ host, port, noDelay: true });
    const opened = socket;
    let connected = false;
    opened.once("connect", () => {
      connected = true;
      events.onReady();
    });
    opened.on("data", (chunk) => read(opened, chunk));
    opened.on("error", (error) => {
      if (!connected) events.onFailed(error);
    });
    opened.once("close", () => {
      if (closed || !connected) return;
      if (inFlight) events.onBroken();
      inFlight = false;
      open();
    });
  }

  function read(from: Socket, chunk: Buffer): void {
    received += chunk.toString("latin1");
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = received.slice(0, headEnd);
    if (received.length < headEnd + 4 + contentLength(head)) return;
    const isDuplicate = received.includes('"status":"duplicate"', headEnd);
    received = "";
    inFlight = false;
    events.onAnswer(Number(head.slice(9, 12)), isDuplicate);
    if (closed) return;
    // The receiver is through with this connection: `close` opens the next.
    if (/\r\nconnection: close/i.test(head)) from.destroy();
    else events.onReady();
  }

  open();
  return {
    send(request) {
      inFlight = true;
      socket.write(request);
    },
    close() {
      closed = true;
      socket.destroy();
    },
  };
}

/** Chunked answers are not understood: neither the relay nor a baseline sends one. */
function contentLength(head: string): number {
  const found = /\r\ncontent-length: (\d+)/i.exec(head);
  if (found?.[1] === undefined) throw new Error(`the load needs Content-Length in answers: ${head}`);
  return Number(found[1]);
}
