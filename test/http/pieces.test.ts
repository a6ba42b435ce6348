import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { HttpLimits } from "../../src/http/limits.ts";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { SECRET } from "../fakes/house.ts";
import { HOOK, openTarget, statusesIn, type Target } from "./adversary.ts";

// Bodies in a great many pieces: one read of a connection holds ten thousand chunks of a byte.

const open: { target?: Target } = {};
async function start(limits: Partial<HttpLimits> = {}): Promise<Target> {
  return (open.target = await openTarget(limits));
}
afterEach(async () => {
  vi.restoreAllMocks();
  await open.target?.close();
});

const CHUNKED = "Transfer-Encoding: chunked\r\n";
const PER_BYTE = "1\r\na\r\n";

function inChunks(body: Buffer, bytes: (index: number) => number): Buffer {
  const parts: (Buffer | string)[] = [];
  for (let at = 0, index = 0; at < body.length; index++) {
    const piece = body.subarray(at, at + bytes(index));
    parts.push(`${piece.length.toString(16)}\r\n`, piece, "\r\n");
    at += piece.length;
  }
  return Buffer.concat([...parts, "0\r\n\r\n"].map((part) => Buffer.from(part)));
}

describe("a webhook's body", () => {
  /** An authentic webhook, as it is after its request line. */
  function signed(target: Target, order: string): { head: string; body: Buffer } {
    const now = target.house.clock.now();
    const of = { now, store: "noodle-bar", secret: SECRET, order_id: order, order_name: `#${order}` };
    const { headers, body } = sampleWebhook("shopline", of);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return { head: `${HOOK}${lines.join("")}${CHUNKED}Connection: close\r\n\r\n`, body };
  }

  test.each([
    ["of one byte", () => 1],
    ["of some", (index: number) => 1 + ((index * 7919) % 300)],
    ["of small and large ones", (index: number) => (index % 2 === 0 ? 3 : 1500)],
  ])("in chunks %s is read as it is", async (_what, bytes) => {
    const target = await start();
    const { head, body } = signed(target, "one");
    expect(statusesIn(await target.send(head, inChunks(body, bytes)))).toEqual([200]);
    expect(await target.stored()).toEqual(["one"]);
  });

  test("regression: each of its chunks was kept for itself, and strangers took three times the memory", async () => {
    const target = await start();
    const body = randomBytes(1024 * 1024);
    const concat = vi.spyOn(Buffer, "concat");
    const sent = inChunks(body, (index) => (index === 7 ? 40_000 : 65));
    concat.mockClear();
    const answer = await target.send(`${HOOK}${CHUNKED}Connection: close\r\n\r\n`, sent);
    expect(statusesIn(answer)).toEqual([401]);
    const kept = concat.mock.calls.map(([pieces]) => pieces).find((pieces) => pieces.length > 1);
    expect(Buffer.compare(Buffer.concat([...(kept ?? [])]), body)).toBe(0);
    expect(kept?.length).toBeLessThan(80);
  });

  test("who hangs up in the middle of its chunks costs nothing and is no failure", async () => {
    const target = await start();
    for (const rest of ["", PER_BYTE.repeat(20_000)]) {
      const wire = await target.wire();
      wire.write(`${HOOK}${CHUNKED}\r\n${PER_BYTE.repeat(50)}${rest}`);
      if (rest !== "") await wire.until(/ 413 /);
      wire.hangUp();
    }
    expect(await target.serves("after")).toBe(200);
    expect(target.events.filter(({ event }) => event !== "webhook.refused")).toEqual([]);
  });

  test(
    "regression: a flood of chunks that was refused was read on for seconds",
    { timeout: 10_000 },
    async () => {
      const target = await start({ lingerMs: 600_000 });
      const wire = await target.wire();
      wire.write(`${HOOK}${CHUNKED}\r\n`);
      wire.write(PER_BYTE.repeat(16_384 + 1));
      wire.write(PER_BYTE.repeat(16_384 + 1));
      expect(statusesIn(await wire.ended)).toEqual([413]);
    },
  );
});

test(
  "regression: a callback in chunks of one byte held up every webhook: what came of it counts soon",
  { timeout: 10_000 },
  async () => {
    const target = await start({ callbackMs: 600_000, lingerMs: 1 });
    const wire = await target.wire();
    wire.write(`POST /callbacks/goodcom/DL1/wrong HTTP/1.1\r\nHost: x\r\n${CHUNKED}\r\n`);
    wire.write(PER_BYTE.repeat(1024));
    expect(statusesIn(await wire.ended)).toEqual([404]);
  },
);
