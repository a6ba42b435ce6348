import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { HOOK, openTarget, statusesIn, type Target } from "./adversary.ts";

// Bytes that no well-meaning client sends, against the real server, relay and ledger. After each of them nothing is
// stored that is not authentic, nothing failed inside, and an authentic webhook is taken.

let target: Target;
const taken: string[] = [];
beforeAll(async () => {
  // What is refused here is refused for what it is, and not for how much came before it.
  target = await openTarget({ failuresMax: 10_000 });
});
afterAll(() => target.close());

afterEach(async () => {
  const order = `after-${taken.length}`;
  expect(await target.serves(order)).toBe(200);
  taken.push(order);
  expect(await target.stored()).toEqual([...taken].sort());
  expect(target.events.filter(({ event }) => event !== "webhook.refused")).toEqual([]);
});

const CLOSE = "Connection: close\r\n";
const SMUGGLED = (): Buffer => target.authentic("smuggled", CLOSE);

describe("smuggling: where a request ends has one answer, or the connection ends", () => {
  test.each([
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"],
    ["two lengths", "Content-Length: 0\r\nContent-Length: 6\r\n\r\n"],
    ["the same length twice", "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"],
    ["two lengths in one", "Content-Length: 0, 6\r\n\r\n"],
    ["a negative length", "Content-Length: -1\r\n\r\n"],
    ["a signed length", "Content-Length: +0\r\n\r\n"],
    ["a length in hex", "Content-Length: 0x0\r\n\r\n"],
    ["an empty length", "Content-Length:\r\n\r\n"],
    ["a length over 64 bits", "Content-Length: 18446744073709551616\r\n\r\n"],
    ["a length with a letter", "Content-Length: 0a\r\n\r\n"],
    ["a space before the colon", "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"],
    ["a tab before the colon", "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"],
    ["a space before the name", " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["chunked, but not last", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"],
    ["identity", "Transfer-Encoding: identity\r\n\r\n"],
    ["a vertical tab", "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"],
    ["a folded line", "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"],
    ["a folded line of another header", "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"],
    ["bare LF after a header", "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["bare LF after the headers", "Content-Length: 0\r\n\n"],
    ["bare CR in a header", "X: a\rContent-Length: 0\r\n\r\n"],
    ["NUL in a header", "X: a\0b\r\nContent-Length: 0\r\n\r\n"],
    ["NUL in a name", "X\0: a\r\nContent-Length: 0\r\n\r\n"],
    ["bare LF after a chunk's size", "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n"],
    ["bare LF after a chunk", "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n"],
    ["a negative chunk", "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n"],
    ["a chunk of 0x", "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"],
    ["a chunk over 64 bits", "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n"],
    ["a chunk longer than it says", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"],
    ["a space in a chunk's size", "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n"],
  ])("%s: 400, and what follows is no request", async (_what, rest) => {
    const answer = await target.send(HOOK + rest, SMUGGLED());
    expect(statusesIn(answer)).toEqual([400]);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  test.each([
    ["spaces around chunked", "Transfer-Encoding:  chunked  \r\n"],
    ["another case", "tRANSFER-eNCODING: CHUNKED\r\n"],
    ["a chunk's extension", "Transfer-Encoding: chunked\r\n", "2;name=value;x\r\n"],
  ])("%s: a request like others, and the next one is its own", async (_what, header, size = "2\r\n") => {
    const next = `${HOOK}${CLOSE}Content-Length: 0\r\n\r\n`;
    const answer = await target.send(`${HOOK}${header}\r\n${size}{}\r\n0\r\n\r\n${next}`);
    expect(statusesIn(answer)).toEqual([401, 401]);
  });

  test("a request in the body of another is a body", async () => {
    const inner = SMUGGLED();
    const answer = await target.send(`${HOOK}${CLOSE}Content-Length: ${inner.length}\r\n\r\n`, inner);
    expect(statusesIn(answer)).toEqual([401]);
  });

  test("a request after one that closes is not taken", async () => {
    const answer = await target.send(`${HOOK}${CLOSE}Content-Length: 2\r\n\r\n{}`, SMUGGLED());
    expect(statusesIn(answer)).toEqual([401]);
  });

  test("a trailer is no header", async () => {
    const trailer = "X-Shopline-Hmac-Sha256: AAAA\r\nContent-Encoding: gzip\r\n";
    const body = `2\r\n{}\r\n0\r\n${trailer}\r\n`;
    const answer = await target.send(`${HOOK}${CLOSE}Transfer-Encoding: chunked\r\n\r\n${body}`);
    expect(statusesIn(answer)).toEqual([401]);
    expect(answer).toContain("is missing");
  });
});

describe("size and coding", () => {
  test.each([
    [
      "two hosts, of which a proxy may have seen either",
      `GET /healthz HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n`,
    ],
    ["two hosts of an old client", `GET /healthz HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n`],
    ["another version", `GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n`],
    ["two hosts that ask first", `${HOOK}Host: y\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`],
  ])("%s: 400, and the connection ends", async (_, text) => {
    expect(statusesIn(await target.send(text))).toEqual([400]);
  });

  test.each(["POST /webhooks/shopline/noodle-bar", "GET /healthz"])(
    "bug: %s without a Host was 400 and no problem",
    async (line) => {
      const answer = await target.send(`${line} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
      expect(statusesIn(answer)).toEqual([400]);
      expect(answer).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/i);
      expect(answer).toContain("urn:goodcom-relay:problem:malformed_request");
    },
  );

  test("regression: a compressing Transfer-Encoding passed for a body as it came", async () => {
    const answer = await target.send(
      `${HOOK}${CLOSE}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    );
    expect(statusesIn(answer)).toEqual([415]);
  });

  test.each(["gzip", "deflate", "br", "zstd", "identity", "x"])(
    "Content-Encoding %s: 415",
    async (coding) => {
      const bomb = Buffer.alloc(10_000, 0x1f);
      const head = `${HOOK}${CLOSE}Content-Encoding: ${coding}\r\nContent-Length: ${bomb.length}\r\n\r\n`;
      expect(statusesIn(await target.send(head, bomb))).toEqual([415]);
    },
  );

  test.each([
    ["a length of 2^53", "Content-Length: 9007199254740992\r\n\r\n", 413],
    ["a length just within 64 bits", "Content-Length: 18446744073709551615\r\n\r\n", 413],
    ["a chunk of 2 GiB", "Transfer-Encoding: chunked\r\n\r\n80000000\r\n", 413],
  ])("%s: %i before it has come", async (_what, rest, status) => {
    const wire = await target.wire();
    wire.write(HOOK + rest);
    const more = Buffer.alloc(2 * 1024 * 1024, "a");
    if (rest.startsWith("Transfer")) wire.write(more);
    expect(statusesIn(await wire.until(/}$/))).toEqual([status]);
  });

  test("regression: a million chunks of one byte took seconds of the processor: 413 after 16,384", async () => {
    const flood = Buffer.from("1\r\na\r\n".repeat(16_384 + 1));
    const wire = await target.wire();
    wire.write(`${HOOK}Transfer-Encoding: chunked\r\n\r\n`);
    wire.write(flood);
    expect(statusesIn(await wire.until(/}$/))).toEqual([413]);
  });

  test.each([
    ["100,000 headers", "a: b\r\n".repeat(100_000)],
    ["a header of 1 MiB", `X: ${"a".repeat(1024 * 1024)}\r\n`],
    ["a name of 64 KiB", `${"a".repeat(64 * 1024)}: x\r\n`],
  ])("%s: 431", async (_what, headers) => {
    const wire = await target.wire();
    wire.write(HOOK + headers);
    expect(statusesIn(await wire.until(/}$/))).toEqual([431]);
  });

  test("regression: extensions of a chunk without end were called no HTTP: 413", async () => {
    const wire = await target.wire();
    wire.write(`${HOOK}Transfer-Encoding: chunked\r\n\r\n2;${"a".repeat(100_000)}`);
    expect(statusesIn(await wire.until(/}$/))).toEqual([413]);
  });

  test("an address of 64 KiB: 431", async () => {
    const wire = await target.wire();
    wire.write(`POST /webhooks/shopline/${"a".repeat(64 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(statusesIn(await wire.until(/}$/))).toEqual([431]);
  });
});

describe("what is not HTTP/1.1", () => {
  test.each([
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["HTTP/9.9", "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n"],
    ["a lower-case method", "post /webhooks/shopline/noodle-bar HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["no Host", "POST /webhooks/shopline/noodle-bar HTTP/1.1\r\n\r\n"],
    ["TLS", Buffer.from("16030100a5010000a10303" + "00".repeat(160), "hex")],
    ["SSH", "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    ["NULs", Buffer.alloc(64)],
    ["a proxy's preface", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("%s: 400 and the end", async (_what, bytes) => {
    expect(statusesIn(await target.send(bytes))).toEqual([400]);
  });

  test.each(["GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz\r\n\r\n"])(
    "older ones, which have no Host, are answered, and the connection ends: %j",
    async (bytes) => {
      expect(statusesIn(await target.send(bytes))).toEqual([200]);
    },
  );
});

describe("methods", () => {
  test("CONNECT: the connection ends", async () => {
    expect(await target.send("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")).not.toMatch(/ 200 /);
  });

  test.each(["TRACE", "OPTIONS", "GET", "DELETE", "PROPFIND"])(
    "%s at a webhook's address: 405",
    async (method) => {
      const answer = await target.send(HOOK.replace("POST", method), `${CLOSE}Cookie: echo-me\r\n\r\n`);
      expect(statusesIn(answer)).toEqual([405]);
      expect(answer).not.toContain("echo-me");
    },
  );

  test("OPTIONS *: nothing there", async () => {
    expect(statusesIn(await target.send(`OPTIONS * HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n`))).toEqual([404]);
  });

  test.each(["websocket", "h2c"])("Upgrade: %s is not taken up", async (protocol) => {
    const upgrade = `Connection: Upgrade, close\r\nUpgrade: ${protocol}\r\n`;
    const answer = await target.send(`${HOOK}${upgrade}Content-Length: 2\r\n\r\n{}`);
    expect(statusesIn(answer)).toEqual([401]);
  });
});

describe("addresses", () => {
  test.each([
    ["//webhooks/shopline/noodle-bar", 404],
    ["/webhooks//shopline/noodle-bar", 404],
    ["/x/../webhooks/shopline/noodle-bar", 404],
    ["/webhooks/shopline/%2e%2e", 404],
    ["/webhooks/shopline/..%2fnoodle-bar", 404],
    ["/webhooks/%2e%2e/webhooks/shopline/noodle-bar", 404],
    ["/%77ebhooks/shopline/noodle-bar", 404],
    ["/webhooks/shopline/noodle-bar%00", 404],
    ["/webhooks/shopline/%00noodle-bar", 404],
    ["/webhooks/shopline/noodle-bar;x=1", 404],
    ["/webhooks/shopline/noodle-bar%20", 404],
    ["/webhooks/shopline/__proto__", 404],
    ["/webhooks/shopline/constructor", 404],
    // Overlong and broken UTF-8: no character at all.
    ["/webhooks/shopline/%c0%ae%c0%ae", 400],
    ["/webhooks/shopline/%f8%80%80%80%af", 400],
    ["/webhooks/shopline/%ed%a0%80", 400],
    ["/webhooks/shopline/%", 400],
    ["/webhooks/shopline/%4", 400],
    ["/webhooks/shopline/%zz", 400],
    ["/webhooks/fastpod/tee-shop/%ff", 400],
    ["/callbacks/goodcom/%ff/x", 400],
    ["/callbacks/goodcom/%00/%00", 404],
    ["/api/v1/deliveries/%ff", 400],
    ["/%ff", 404],
    ["http://elsewhere.example/nothing", 404],
    ["http://elsewhere.example", 404],
    ["ftp://x/webhooks/shopline/noodle-bar", 404],
  ])("POST %s: %i", async (path, status) => {
    const answer = await target.send(
      `POST ${path} HTTP/1.1\r\nHost: x\r\n${CLOSE}Content-Length: 2\r\n\r\n{}`,
    );
    expect(statusesIn(answer)).toEqual([status]);
  });

  test.each([
    ["NUL", "\0"],
    ["a control character", "\x07"],
    ["DEL", "\x7f"],
  ])("%s as it is in the address: 400", async (_what, character) => {
    const path = `/webhooks/shopline/a${character}b`;
    expect(statusesIn(await target.send(`POST ${path} HTTP/1.1\r\nHost: x\r\n\r\n`))).toEqual([400]);
  });

  test("bytes over 127 as they are in the address are no store", async () => {
    const path = Buffer.from("POST /webhooks/shopline/\xc0\xae\xff HTTP/1.1\r\nHost: x\r\n", "latin1");
    const answer = await target.send(path, `${CLOSE}Content-Length: 0\r\n\r\n`);
    expect([[400], [404]]).toContainEqual(statusesIn(answer));
  });

  test("regression: an authentic webhook whose request line has the whole address was 404", async () => {
    const order = "absolute";
    const [line = "", ...rest] = target.authentic(order, CLOSE).toString("latin1").split("\r\n");
    const absolute = line.replace(" /", " http://relay.example:8080/");
    const bytes = Buffer.from([absolute, ...rest].join("\r\n"), "latin1");
    expect(statusesIn(await target.send(bytes))).toEqual([200]);
    taken.push(order);
  });
});
