import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { HttpLimits } from "../../src/http/limits.ts";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { SECRET } from "../fakes/house.ts";
import { HOOK, openTarget, statusesIn, type Target } from "./adversary.ts";

// Connections that are held, flooded, cut and mixed up, against the real server, relay and ledger.

const open: { target?: Target } = {};
async function start(limits: Partial<HttpLimits> = {}): Promise<Target> {
  return (open.target = await openTarget(limits));
}
afterEach(() => open.target?.close());

/** Only authentic webhooks are stored, and nothing failed inside. */
async function expectClean(target: Target, orders: readonly string[]): Promise<void> {
  expect(await target.stored()).toEqual([...orders].sort());
  expect(target.events.filter(({ event }) => event !== "webhook.refused")).toEqual([]);
}

/** Many connections that have each written these bytes and say no more. */
async function hold(target: Target, count: number, bytes: string): Promise<Socket[]> {
  const { hostname, port } = new URL(target.url);
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, async () => {
      const socket = connect({ host: hostname, port: Number(port) });
      sockets.push(socket);
      // Both ends of every connection are in this process: those that are shut out make noise.
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.write(bytes);
    });
    await Promise.all(batch);
  }
  return sockets;
}

describe("who holds connections shuts out no webhook", () => {
  test.each([
    ["say nothing", 2_000, ""],
    ["begin headers", 700, `${HOOK}X-A: `],
    ["begin a body", 700, `${HOOK}Content-Length: 1000\r\n\r\n{`],
    ["begin a chunk", 700, `${HOOK}Transfer-Encoding: chunked\r\n\r\nff\r\n{`],
    ["were answered and stay", 700, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("regression: connections that %s kept every webhook out: %i of them", async (_what, count, bytes) => {
    const target = await start();
    // The first that is no webhook has Express loaded, and until then all others are being answered.
    await fetch(`${target.url}/healthz`);
    const sockets = await hold(target, count, bytes);
    for (const order of ["one", "two", "three"]) expect(await target.serves(order)).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expectClean(target, ["one", "two", "three"]);
  });

  test("10,000 idle connections", { timeout: 120_000 }, async ({ skip }) => {
    // Both ends of each that is not shut out.
    skip(fileLimit() < 12_000, `needs 12,000 open files, may have ${fileLimit()}`);
    const target = await start();
    const sockets = await hold(target, 10_000, "");
    expect(await target.serves("one")).toBe(200);
    for (const socket of sockets) socket.destroy();
    await expectClean(target, ["one"]);
  });

  test("who is being answered keeps the place; the one that waits longest for its client goes", async () => {
    const target = await start({ connectionsMax: 3 });
    const [kept, oldest] = [await target.wire(), await target.wire()];
    // Answered last, so it has waited less long than the second.
    kept.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await kept.until(/"ok"/);
    await target.wire();
    await target.wire();
    expect(await oldest.ended).toBe("");
    kept.write(target.authentic("one"));
    expect(statusesIn(await kept.until(/"accepted"/))).toEqual([200, 200]);
    await expectClean(target, ["one"]);
  });

  test("headers that drip are cut with a 408", async () => {
    const target = await start({ headersMs: 200 });
    const wire = await target.wire();
    wire.write(`${HOOK}X-A: `);
    expect(statusesIn(await wire.ended)).toEqual([408]);
    expect(await target.serves("one")).toBe(200);
    await expectClean(target, ["one"]);
  });

  test("a body that drips is cut with a 408", async () => {
    const target = await start({ bodyMs: 200, lingerMs: 100 });
    const wire = await target.wire();
    wire.write(`${HOOK}Content-Length: 1000\r\n\r\n{`);
    expect(statusesIn(await wire.ended)).toEqual([408]);
    expect(await target.serves("one")).toBe(200);
    await expectClean(target, ["one"]);
  });
});

function fileLimit(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  const soft = report.userLimits?.open_files?.soft ?? 0;
  return soft === "unlimited" ? Infinity : Number(soft);
}

describe("one connection, many requests", () => {
  test("a dozen in one write are answered in their order", async () => {
    const target = await start();
    const orders = Array.from({ length: 6 }, (_, n) => `p-${n}`);
    const unsigned = Buffer.from(`${HOOK}Content-Length: 2\r\n\r\n{}`);
    const all = orders.flatMap((order) => [target.authentic(order), unsigned]);
    const end = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const answer = await target.send(Buffer.concat([...all, Buffer.from(end)]));
    expect(statusesIn(answer)).toEqual([...orders.flatMap(() => [200, 401]), 200]);
    await expectClean(target, orders);
  });

  test("regression: what followed a webhook and was no HTTP was answered in the webhook's place", async () => {
    const target = await start();
    const answer = await target.send(target.authentic("one"), "\0\0\0\r\n\r\n");
    expect(statusesIn(answer)).toEqual([200, 400]);
    await expectClean(target, ["one"]);
  });

  test("regression: too large headers of a second request were not answered", async () => {
    const target = await start();
    const wire = await target.wire();
    wire.write(target.authentic("one"));
    await wire.until(/"accepted"/);
    wire.write(`${HOOK}X: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(statusesIn(await wire.ended)).toEqual([200, 431]);
    await expectClean(target, ["one"]);
  });

  test("a body that turns out to be no HTTP, after an authentic webhook", async () => {
    const target = await start();
    const broken = `${HOOK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n`;
    expect(statusesIn(await target.send(target.authentic("one"), broken))).toEqual([200, 400]);
    await expectClean(target, ["one"]);
  });
});

describe("cut and half-closed connections", () => {
  test("resets in the middle of headers and bodies leave nothing", async () => {
    const target = await start();
    for (const bytes of [
      HOOK,
      `${HOOK}Content-Length: 1000\r\n\r\n{`,
      target.authentic("cut").subarray(0, -1),
    ]) {
      for (let i = 0; i < 20; i++) {
        const [socket] = await hold(target, 1, bytes.toString("latin1"));
        socket?.resetAndDestroy();
      }
    }
    expect(await target.serves("one")).toBe(200);
    await expectClean(target, ["one"]);
  });

  test("a reset right after a whole webhook: it is taken, or not, and nothing fails", async () => {
    const target = await start();
    const [socket] = await hold(target, 1, "");
    socket?.write(target.authentic("gone"));
    socket?.resetAndDestroy();
    expect(await target.serves("one")).toBe(200);
    const stored = await target.stored();
    expect([["one"], ["gone", "one"]]).toContainEqual(stored);
    expect(target.events).toEqual([]);
  });

  test("who closes its half after the request is answered", async () => {
    const target = await start();
    const [socket] = await hold(target, 1, "");
    let answer = "";
    socket?.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket?.end(target.authentic("one"));
    if (socket !== undefined) await once(socket, "close");
    expect(statusesIn(answer)).toEqual([200]);
    await expectClean(target, ["one"]);
  });

  test("who closes its half in the middle of the body is not taken", async () => {
    const target = await start();
    const [socket] = await hold(target, 1, "");
    socket?.resume().end(target.authentic("cut").subarray(0, -1));
    if (socket !== undefined) await once(socket, "close");
    expect(await target.serves("one")).toBe(200);
    await expectClean(target, ["one"]);
  });
});

describe("Expect", () => {
  test("100-continue: told to go on, then answered once", async () => {
    const target = await start();
    const bytes = target.authentic("one", "Expect: 100-continue\r\nConnection: close\r\n");
    const headers = bytes.indexOf("\r\n\r\n") + 4;
    const wire = await target.wire();
    wire.write(bytes.subarray(0, headers));
    await wire.until(/ 100 Continue\r\n/);
    wire.write(bytes.subarray(headers));
    expect(statusesIn(await wire.ended)).toEqual([100, 200]);
    await expectClean(target, ["one"]);
  });

  test("bug: anything else was answered by node with an empty 417: it decides nothing", async () => {
    const target = await start();
    const answer = await target.send(target.authentic("one", "Expect: a-miracle\r\nConnection: close\r\n"));
    expect(statusesIn(answer)).toEqual([200]);
    await expectClean(target, ["one"]);
  });
});

describe("regression: requests that one connection writes without waiting stopped every webhook", () => {
  const HEALTH = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

  test.each([
    ["of health", HEALTH],
    ["of webhooks that do not verify", `${HOOK}Content-Length: 2\r\n\r\n{}`],
    ["of an older version", "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
    ["of nothing", "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("thousands %s: the connection is hung up, whoever reads of it or not", async (_, one) => {
    const target = await start();
    const answers = await target.send(one.repeat(5_000));
    expect(statusesIn(answers.startsWith("reset") ? "" : answers).length).toBeLessThanOrEqual(16);
    expect(await target.serves("one")).toBe(200);
    await expectClean(target, ["one"]);
  });

  test("an authentic webhook whose text speaks of HTTP is none of them", async () => {
    const target = await start();
    const { path, headers, body } = sampleWebhook("shopline", {
      ...{ now: target.house.clock.now(), store: "noodle-bar", secret: SECRET },
      ...{ order_id: "h", order_name: "GET / HTTP/1.1\r\n".repeat(40) },
    });
    const answer = await fetch(target.url + path, { method: "POST", headers, body: new Uint8Array(body) });
    expect(answer.status).toBe(200);
  });

  test("a few are answered, in their order", async () => {
    const target = await start();
    const last = HEALTH.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    expect(statusesIn(await target.send(HEALTH.repeat(7) + last))).toEqual(
      Array.from({ length: 8 }, () => 200),
    );
  });

  test("one whose answer nobody reads gives way to a new connection", async () => {
    const target = await start({ connectionsMax: 2 });
    const [first] = await hold(target, 2, `GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(4));
    first?.pause();
    for (const order of ["one", "two", "three"]) expect(await target.serves(order)).toBe(200);
    await expectClean(target, ["one", "two", "three"]);
  });
});
