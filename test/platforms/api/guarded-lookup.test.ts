import { once } from "node:events";
import { connect, createServer, isIP, type AddressInfo, type LookupFunction, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guardedLookup, type Resolve } from "../../../src/platforms/api/guarded-lookup.ts";

/** @param answers one list of addresses for each question, in turn */
function resolver(...answers: string[][]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, { all }, answer) => {
    const addresses = answers[asked.length] ?? [];
    asked.push(`${hostname} all ${String(all)}`);
    answer(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
  };
  return { resolve, asked };
}

/** @returns what a socket would be told: the addresses, or why not */
function told(look: LookupFunction, hostname: string, all = true): Promise<unknown> {
  return new Promise((done) => {
    look(hostname, { all }, (error, address, family) => done(error?.message ?? [address, family]));
  });
}

describe("a name of the internet", () => {
  test("leads to all its public addresses, or to the first where one is asked for", async () => {
    const { resolve, asked } = resolver(["93.184.215.14", "2606:4700::1111"], ["93.184.215.14", "1.1.1.1"]);
    const look = guardedLookup(resolve);
    expect(await told(look, "shop.example")).toEqual([
      [
        { address: "93.184.215.14", family: 4 },
        { address: "2606:4700::1111", family: 6 },
      ],
      undefined,
    ]);
    expect(await told(look, "shop.example", false)).toEqual(["93.184.215.14", 4]);
    expect(asked).toEqual(["shop.example all true", "shop.example all true"]);
  });

  test.each([
    [["127.0.0.1"], "127.0.0.1"],
    [["::1"], "::1"],
    [["8.8.8.8", "10.0.0.1"], "10.0.0.1"],
    [["2606:4700::1111", "::ffff:169.254.169.254"], "::ffff:169.254.169.254"],
    [["fd00:ec2::254"], "fd00:ec2::254"],
    [["64:ff9b::a9fe:a9fe", "8.8.8.8"], "64:ff9b::a9fe:a9fe"],
  ])("that leads to %j leads nowhere", async (addresses, wrong) => {
    for (const all of [true, false]) {
      expect(await told(guardedLookup(resolver(addresses).resolve), "shop.example", all)).toBe(
        `shop.example leads to ${wrong}, which is no public address`,
      );
    }
  });

  test("without an address, or unknown to the resolver, is told so", async () => {
    expect(await told(guardedLookup(resolver([]).resolve), "shop.example")).toBe(
      "shop.example has no address",
    );
    const unknown: Resolve = (_hostname, _options, answer) => answer(new Error("ENOTFOUND"), []);
    expect(await told(guardedLookup(unknown), "shop.example")).toBe("ENOTFOUND");
  });
});

test("localhost leads to this machine and nowhere else; what only resembles it is a name as any other", async () => {
  const localhost = guardedLookup(resolver(["127.0.0.1", "::1"], ["127.0.0.1", "93.184.215.14"]).resolve);
  expect(await told(localhost, "localhost", false)).toEqual(["127.0.0.1", 4]);
  expect(await told(localhost, "localhost")).toBe(
    "localhost leads to 93.184.215.14, which is no loopback address",
  );
  for (const name of ["localhost.", "sub.localhost", "localhost.example"]) {
    expect(await told(guardedLookup(resolver(["127.0.0.1"]).resolve), name)).toContain("no public address");
  }
});

describe("a name that is public when it is looked up first, and private when it is connected to", () => {
  let server: Server;
  let connections = 0;
  beforeEach(async () => {
    connections = 0;
    server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => void server.close());

  test("is not connected to", async () => {
    const { port } = server.address() as AddressInfo;
    const { resolve, asked } = resolver(["93.184.215.14"], ["127.0.0.1"]);
    const look = guardedLookup(resolve);
    expect(await told(look, "shop.example", false)).toEqual(["93.184.215.14", 4]);
    const socket = connect({ host: "shop.example", port, lookup: look });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error).toMatchObject({ code: "RELAY_ADDRESS_REFUSED" });
    expect(asked).toHaveLength(2);
    expect(connections).toBe(0);
    // Without the guard the very same answer leads there.
    const toLoopback: LookupFunction = (_hostname, _options, answer) =>
      answer(null, [{ address: "127.0.0.1", family: 4 }]);
    const unguarded = connect({ host: "shop.example", port, lookup: toLoopback });
    await once(unguarded, "close");
    expect(connections).toBe(1);
  });
});
