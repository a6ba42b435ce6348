import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { askPublicAddress } from "../../src/observe/public-address.ts";

let server: Server | null = null;
afterEach(() => server?.closeAllConnections());

/** 0.0.0.0 leads to this machine, and is no loopback address by its looks. */
async function listening(answer: RequestListener): Promise<string> {
  const opened = createServer(answer);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, resolve));
  return `http://0.0.0.0:${(opened.address() as AddressInfo).port}`;
}

test("a relay that answers", async () => {
  const url = await listening((req, res) => {
    res.writeHead(req.url === "/healthz" ? 200 : 404).end('{"status":"ok"}');
  });
  expect(await askPublicAddress(url)).toMatchObject({ result: "answers" });
});

test.each<[string, RequestListener]>([
  ["another page", (_req, res) => void res.end("<h1>Welcome</h1>")],
  ["a redirect", (_req, res) => void res.writeHead(302, { location: "/sign-in" }).end()],
  ["an endless answer", (_req, res) => void res.write("x".repeat(100_000))],
])("%s is a stranger", async (_what, answer) => {
  expect(await askPublicAddress(await listening(answer))).toMatchObject({ result: "stranger" });
});

test("who says nothing is given up in time", async () => {
  const url = await listening(() => undefined);
  const found = await askPublicAddress(url, 50);
  expect(found).toMatchObject({ result: "silent", detail: expect.stringContaining("no answer in time") });
});

test("nobody there", async () => {
  const url = await listening(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  expect(await askPublicAddress(url)).toMatchObject({
    result: "silent",
    detail: expect.stringContaining("ECONNREFUSED"),
  });
});

test("an address of this machine alone is not even asked", async () => {
  expect(await askPublicAddress("http://127.0.0.1:1")).toMatchObject({ result: "this_machine" });
});
