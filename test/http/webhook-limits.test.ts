import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/system.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { createBench, type Bench } from "./fakes.ts";
import { openWire, problemIn, type Wire } from "./wire.ts";

const MIB = 1024 * 1024;
const PATH = "POST /webhooks/shopline/noodle-bar HTTP/1.1\r\nHost: x\r\n";
const open: { wire?: Wire; bench?: Bench } = {};

async function start(bench: Bench): Promise<Wire> {
  const url = await bench.server.listen("127.0.0.1", 0);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const wire = await openWire(url);
  Object.assign(open, { wire, bench });
  return wire;
}

afterEach(async () => {
  open.wire?.hangUp();
  await open.bench?.server.close(1000);
});

describe("size", () => {
  test("1 MiB exactly is taken", async () => {
    const bench = createBench({}, systemClock);
    const wire = await start(bench);
    wire.write(`${PATH}Connection: close\r\nContent-Length: ${MIB}\r\n\r\n`);
    wire.write(Buffer.alloc(MIB, "a"));
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 200 /);
    expect(bench.received[0]?.request.body).toHaveLength(MIB);
  });

  test("one byte more by Content-Length is refused before it comes", async () => {
    const bench = createBench({}, createManualClock());
    const wire = await start(bench);
    wire.write(`${PATH}Content-Length: ${MIB + 1}\r\n\r\n`);
    const answer = await wire.until(/problem:body_too_large.*}$/s);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(problemIn(answer)).toMatchObject({
      status: 413,
      type: "urn:goodcom-relay:problem:body_too_large",
    });
    expect(bench.received).toEqual([]);
  });

  test("one byte more in chunks is refused while it is read", async () => {
    const bench = createBench({}, createManualClock());
    const wire = await start(bench);
    wire.write(`${PATH}Transfer-Encoding: chunked\r\n\r\n`);
    wire.write(`${MIB.toString(16)}\r\n`);
    wire.write(Buffer.alloc(MIB, "a"));
    wire.write("\r\n1\r\na\r\n");
    expect(await wire.until(/}$/)).toMatch(/^HTTP\/1\.1 413 /);
    expect(bench.received).toEqual([]);
  });

  test("who sends it all first still reads the 413, and no reset", async () => {
    const wire = await start(createBench({}, systemClock));
    const bytes = 8 * MIB;
    wire.write(`${PATH}Content-Length: ${bytes}\r\n\r\n`);
    for (let sent = 0; sent < bytes; sent += MIB) wire.write(Buffer.alloc(MIB, "a"));
    const answer = await wire.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(problemIn(answer).status).toBe(413);
  });

  test("who never stops is cut after lingerBytesMax", async () => {
    const bench = createBench({ limits: { lingerBytesMax: MIB } }, createManualClock());
    const wire = await start(bench);
    wire.write(`${PATH}Transfer-Encoding: chunked\r\n\r\n`);
    for (let i = 0; i < 4; i++) {
      wire.write(`${MIB.toString(16)}\r\n`);
      wire.write(Buffer.alloc(MIB, "a"));
      wire.write("\r\n");
    }
    // No time passes here, so only the bytes can end it; properly or by a reset, but it ends.
    await wire.ended.catch(() => "");
  });

  test("who asks before sending is told 413 and not to go on", async () => {
    const wire = await start(createBench({}, createManualClock()));
    wire.write(`${PATH}Content-Length: ${MIB + 1}\r\nExpect: 100-continue\r\n\r\n`);
    const answer = await wire.until(/}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).not.toContain("100 Continue");
  });
});

describe("time", () => {
  test("a body slower than 10 s: 408, then the connection ends", async () => {
    const clock = createManualClock();
    const bench = createBench({}, clock);
    const wire = await start(bench);
    wire.write(`${PATH}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
    await wire.until(/100 Continue/);
    wire.write("12345");
    await clock.advance(10_000);
    const answer = await wire.until(/}$/);
    expect(answer).toMatch(/HTTP\/1\.1 408 /);
    expect(problemIn(answer).type).toBe("urn:goodcom-relay:problem:body_too_slow");
    await clock.advance(2_000);
    await wire.ended;
    expect(bench.received).toEqual([]);
  });

  test("just within 10 s: taken", async () => {
    const clock = createManualClock();
    const bench = createBench({}, clock);
    const wire = await start(bench);
    wire.write(`${PATH}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
    await wire.until(/100 Continue/);
    await clock.advance(9_999);
    wire.write("1234567890");
    expect(await wire.until(/}$/)).toMatch(/HTTP\/1\.1 200 /);
    await clock.advance(60_000);
    expect(bench.received[0]?.request.body.toString()).toBe("1234567890");
  });

  test("who hangs up in the middle costs nothing and is no failure", async () => {
    const clock = createManualClock();
    const bench = createBench({}, clock);
    const wire = await start(bench);
    wire.write(`${PATH}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
    await wire.until(/100 Continue/);
    wire.write("12345");
    wire.hangUp();
    await wire.ended;
    expect(await bench.server.close(1000)).toBe(true);
    expect(bench.events).toEqual([]);
    expect(bench.received).toEqual([]);
  });
});

describe("the connection", () => {
  test("two webhooks in one write are answered in order, on one connection", async () => {
    const bench = createBench({}, systemClock);
    const wire = await start(bench);
    const first = `${PATH}Content-Length: 3\r\n\r\none`;
    const second = `${PATH.replace("shopline/noodle-bar", "shoplazza/cake-shop")}Content-Length: 3\r\nConnection: close\r\n\r\ntwo`;
    wire.write(first + second);
    const answers = await wire.ended;
    expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(bench.received.map(({ request }) => request.body.toString())).toEqual(["one", "two"]);
  });

  test("after a refusal of a whole body the connection is kept", async () => {
    const bench = createBench({}, systemClock);
    bench.receipt = { kind: "unknown_store" };
    const wire = await start(bench);
    wire.write(`${PATH}Content-Length: 2\r\n\r\n{}`);
    await wire.until(/problem:not_found.*}$/s);
    wire.write(`${PATH}Content-Length: 2\r\nConnection: close\r\n\r\n{}`);
    expect((await wire.ended).match(/HTTP\/1\.1 404 /g)).toHaveLength(2);
  });

  test.each([
    ["rubbish", "HELLO\r\n\r\n", 400],
    ["two lengths", `${PATH}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["endless headers", `${PATH}X: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  ])("%s: a problem, and the end", async (_what, text, status) => {
    const bench = createBench({}, systemClock);
    const wire = await start(bench);
    wire.write(text);
    const answer = await wire.ended;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(problemIn(answer).status).toBe(status);
    expect(bench.received).toEqual([]);
  });

  test("a coded body is refused unread", async () => {
    const bench = createBench({}, systemClock);
    const wire = await start(bench);
    wire.write(`${PATH}Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\nnot all of it`);
    expect(await wire.until(/}$/)).toMatch(/^HTTP\/1\.1 415 /);
    expect(bench.received).toEqual([]);
  });
});
