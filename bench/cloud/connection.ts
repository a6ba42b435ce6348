import type { Socket } from "node:net";

/** Of one POST, all the cloud looks at. */
export interface Post {
  order: string;
  callback_url: string;
}

const ANSWER = Buffer.from(
  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
);
const HEAD_END = "\r\n\r\n";

/**
 * Reads POST after POST from one kept connection, by hand: the cloud shares the processor with what it measures.
 * @param onPost called when a body is complete, with what answers it
 */
export function readPosts(socket: Socket, onPost: (post: Post, answer: () => void) => void): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const bodyAt = headEnd + HEAD_END.length;
    const length = Number(/content-length: (\d+)/i.exec(received.toString("latin1", 0, headEnd))?.[1] ?? 0);
    if (received.length < bodyAt + length) return;
    const body = received.subarray(bodyAt, bodyAt + length);
    received = received.subarray(bodyAt + length);
    onPost({ order: field(body, "order_id"), callback_url: field(body, "callback_url") }, () => {
      if (socket.writable) socket.write(ANSWER);
    });
  });
}

/** A text field of the outermost object, or "": they stand before `order_json`, which could hold any text. */
function field(body: Buffer, name: string): string {
  const key = `"${name}":"`;
  const found = body.indexOf(key);
  if (found < 0) return "";
  const at = found + key.length;
  return body.toString("latin1", at, body.indexOf('"', at));
}
