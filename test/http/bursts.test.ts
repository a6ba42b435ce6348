import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { refuseBursts } from "../../src/http/bursts.ts";

/** What a server's parser gets of one piece, and whether the connection lives on. */
function given(piece: string): { read: string[]; isOpen: boolean } {
  const socket = new Socket();
  const read: string[] = [];
  socket.on("data", (bytes) => read.push(bytes.toString("latin1")));
  refuseBursts(socket);
  socket.emit("data", Buffer.from(piece, "latin1"));
  return { read, isOpen: !socket.destroyed };
}

describe("one piece of what a connection sends", () => {
  test.each(["1.1", "1.0", "2.0"])(
    "of 17 requests of HTTP/%s is not read, and the connection ends",
    (version) => {
      const request = `GET / HTTP/${version}\r\nConnection: keep-alive\r\n\r\n`;
      expect(given(request.repeat(17))).toEqual({ read: [], isOpen: false });
      expect(given(request.repeat(16))).toEqual({ read: [request.repeat(16)], isOpen: true });
    },
  );

  test("that speaks of HTTP in a text is read: no text in JSON has line breaks of its own", () => {
    const body = JSON.stringify({ note: "GET / HTTP/1.1\r\n".repeat(100) });
    expect(given(body)).toEqual({ read: [body], isOpen: true });
  });
});
