import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { Agent, request } from "undici";
import { monotonicMs } from "../clock.ts";
import type { CloudArrivals, CloudCommand, CloudCount } from "./commands.ts";
import { readPosts, type Post } from "./connection.ts";

// A printer cloud that counts, a process of its own: `node bench/cloud/cloud.ts <port>`; commands on standard
// input. It begins away.

/** Few connections: the relay takes no more than a few hundred from everybody. */
const callbacks = new Agent({ connections: 8 });
const arrivals = new Map<string, number>();
const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, accept);
const port = Number(process.argv[2]);
let answerAfterMs = 0;
let confirms = false;
let seen = empty();

function empty() {
  return { posts: 0, last_ms: null as number | null, at_once: 0, at_once_max: 0, confirmed: 0 };
}

function accept(socket: Socket): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  // Whoever goes in the middle goes: the relay's own tests are about that.
  socket.on("error", () => socket.destroy());
  readPosts(socket, take);
}

function take(post: Post, answer: () => void): void {
  const at = monotonicMs();
  if (!arrivals.has(post.order)) arrivals.set(post.order, at);
  const of = seen;
  of.posts++;
  of.last_ms = at;
  of.at_once_max = Math.max(of.at_once_max, ++of.at_once);
  const done = (): void => {
    of.at_once--;
    answer();
    if (confirms) void confirm(post.callback_url).then((ok) => (of.confirmed += ok ? 1 : 0));
  };
  if (answerAfterMs === 0) done();
  else setTimeout(done, answerAfterMs);
}

/** As the sibling cloud PrinterCo words it; which words are read is the relay's business. */
async function confirm(callbackUrl: string): Promise<boolean> {
  const url = `${callbackUrl}?status=1&msg=OK&delivery_time=12:30`;
  try {
    const { statusCode, body } = await request(url, { dispatcher: callbacks });
    await body.dump();
    return statusCode === 200;
  } catch {
    // The relay has ended; who waits for confirmations sees that one is missing.
    return false;
  }
}

async function obey(command: CloudCommand): Promise<CloudCount | CloudArrivals> {
  switch (command.do) {
    case "up":
      await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      break;
    case "down": {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      break;
    }
    case "reset":
      arrivals.clear();
      seen = empty();
      answerAfterMs = command.answer_after_ms;
      confirms = command.confirm;
      break;
    case "count":
      break;
    case "arrivals":
      return [...arrivals];
  }
  const [first_ms = null] = arrivals.values();
  return { ...seen, orders: arrivals.size, first_ms };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await obey(JSON.parse(line) as CloudCommand)) + "\n");
}
process.exit(0);
