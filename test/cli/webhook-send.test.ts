import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { createHouse, SECRET, SETTINGS, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

const BODY = '{"id":"1001"}';

let house: House;
let folder: string;
let seen: { url: string; headers: IncomingHttpHeaders }[];
let url: string;
let stop: () => void;

beforeEach(async () => {
  house = await createHouse();
  folder = mkdtempSync(join(tmpdir(), "relay-cli-"));
  writeFileSync(join(folder, "body.json"), BODY);
  seen = [];
  const server = createServer((req, res) => {
    req.resume().on("end", () => {
      seen.push({ url: req.url ?? "", headers: req.headers });
      res.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  stop = () => server.close();
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  stop();
  await house.close();
  rmSync(folder, { recursive: true });
});

/** `relay webhook send` of the file on the house's ledger. */
async function send(platform: string, ...more: string[]) {
  const { cli, out, err } = fakeCli({ kit: kitOn(house) });
  const argv = ["webhook", "send", platform, join(folder, "body.json"), "--url", url, ...more];
  const code = await run(argv, { ...cli, clock: house.clock });
  return { code, out: out(), err: err() };
}

describe("bug: the contract's `webhook send <platform> <file>` asked for --store", () => {
  test("the only store of the platform is meant, with its first secret", async () => {
    const { printers, stores } = SETTINGS;
    const kept = stores.filter((store) => store.name !== "cocktails");
    await house.ledger.apply({ printers, stores: kept }, { prune: true, now: house.clock.now() });
    expect((await send("shopline")).code).toBe(0);
    expect(seen[0]?.url).toBe("/webhooks/shopline/noodle-bar");
    expect(seen[0]?.headers["x-shopline-hmac-sha256"]).toBe(
      createHmac("sha256", SECRET).update(BODY).digest("hex"),
    );
  });

  test("fastpod's token is still to be given", async () => {
    expect((await send("fastpod", "--token", "t")).code).toBe(0);
    expect(seen[0]?.url).toBe("/webhooks/fastpod/tee-shop/t");
    expect((await send("fastpod")).code).toBe(2);
  });

  test("of several it asks which, of none it says so", async () => {
    const several = await send("shopline");
    expect([several.code, several.err]).toEqual([
      2,
      "relay: which shopline store is it for? give --store: cocktails, noodle-bar; see: relay webhook send --help\n",
    ]);
    const none = await send("shoplazza");
    expect([none.code, none.err]).toEqual([
      1,
      "relay: no shoplazza store in the ledger: give --store and --secret, or see relay stores list\n",
    ]);
    expect(seen).toEqual([]);
  });

  test("a named store that is not there", async () => {
    const { code, err } = await send("shopline", "--store", "nobody");
    expect([code, err]).toEqual([
      1,
      "relay: no shopline store nobody in the ledger: give --secret, or see relay stores list\n",
    ]);
  });
});
