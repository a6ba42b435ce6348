import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { until } from "../e2e/process.ts";
import { fakeCli } from "./fake-cli.ts";

let folder: string;
const closers: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-cli-"));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Runs one command that needs no ledger. */
async function relay(argv: string[], env: Record<string, string> = {}) {
  const { cli, out, err } = fakeCli({ env });
  const code = await run(argv, cli);
  return { code, out: out(), err: err() };
}

test("config masks secrets and says where each setting is from", async () => {
  const env = { RELAY_ADMIN_TOKEN: "t0ken-t0ken-t0ken-t0ken-t0ken-t0ken" };
  const { out } = await relay(["config"], env);
  expect(out).toMatch(/^RELAY_ADMIN_TOKEN +\*{8} +environment$/m);
  expect(out).toMatch(/^RELAY_PORT +8080 +default$/m);
  const { out: json } = await relay(["config", "--json"], env);
  expect(JSON.parse(json).settings).toContainEqual({ name: "RELAY_PORT", value: "8080", source: "default" });
  expect(out + json).not.toContain("t0ken");
});

test("bug: config showed settings that serve refuses, and said nothing of it", async () => {
  const env = { RELAY_HOST: "0.0.0.0" };
  for (const argv of [["config"], ["config", "--json"]]) {
    const { code, out, err } = await relay(argv, env);
    expect([code, err]).toEqual([
      0,
      expect.stringContaining("relay: serve would not start: RELAY_ADMIN_TOKEN"),
    ]);
    expect(out).toContain("0.0.0.0");
  }
  expect((await relay(["config"])).err).toBe("");
  const { code, err } = await relay(["config"], { ...env, RELAY_FOO: "1" });
  expect(code).toBe(1);
  expect(err).toMatch(/RELAY_FOO is not a setting.*RELAY_ADMIN_TOKEN is missing/);
});

describe("ticket preview", () => {
  const BODY = JSON.stringify({
    ...{ id: "1001", name: "#1001", cancelled_at: "2026-11-03T12:00:00Z", cancel_reason: "too late" },
    ...{ currency: "TWD", line_items: [{ title: "牛肉麵", quantity: 2, price: "220.00" }] },
  });

  test("the slip as paper, order_json, and a picture", async () => {
    const svg = join(folder, "slip.svg");
    const { code, out } = await relay([
      ...["ticket", "preview", "shopline", file("body.json", BODY), "--columns", "42"],
      ...["--time-zone", "Asia/Taipei", "--svg", svg],
    ]);
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toBe(`┌${"─".repeat(44)}┐`);
    expect(out).toContain("1001");
    expect(out).toContain("牛肉麵");
    expect(out).toContain('"OrderId": "1001"');
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg /);
  });

  test("--json", async () => {
    const { out } = await relay(["ticket", "preview", "shopline", file("body.json", BODY), "--json"]);
    expect(JSON.parse(out)).toMatchObject({
      order_id: "1001",
      order_json: { OrderId: "1001" },
      ticket: { reason: "too late" },
    });
  });

  test("--json tells times as everywhere else: bug, they were milliseconds", async () => {
    const { out } = await relay(["ticket", "preview", "shopline", file("body.json", BODY), "--json"]);
    expect(JSON.parse(out).ticket).toMatchObject({
      cancelled_at: "2026-11-03T12:00:00.000Z",
      created_at: null,
    });
  });

  test("a body that would print nothing says why", async () => {
    const { code, err } = await relay(["ticket", "preview", "shopline", file("body.json", '{"id":"1"}')]);
    expect(code).toBe(1);
    expect(err).toMatch(/^relay: nothing would print: this body is ignored \(.+\)\n$/);
  });
});

describe("webhook send", () => {
  /** A relay that keeps what it is sent. */
  async function listener() {
    const seen: { url: string; headers: IncomingHttpHeaders; body: Buffer }[] = [];
    const server = createServer((req, res) => {
      const parts: Buffer[] = [];
      req.on("data", (part: Buffer) => parts.push(part));
      req.on("end", () => {
        seen.push({ url: req.url ?? "", headers: req.headers, body: Buffer.concat(parts) });
        res.writeHead(seen.length > 1 ? 401 : 200).end('{"status":"accepted"}');
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closers.push(() => server.close());
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  test("signs the file's own bytes as SHOPLINE does, and tells the answer", async () => {
    const { seen, url } = await listener();
    // SHOPLINE's known answer (developer.shopline.com, recomputed with openssl).
    const path = file("body.json", '{"body_html":"BodyHtml","id":"32398389389389"}');
    const argv = ["webhook", "send", "shopline", path, "--store", "noodle-bar", "--url", url];
    const sent = await relay([...argv, "--secret", "LDLLJJLflja2039203flaflaLLFLE"]);
    expect(sent).toEqual({ code: 0, out: 'HTTP 200  {"status":"accepted"}\n', err: "" });
    expect(seen[0]?.url).toBe("/webhooks/shopline/noodle-bar");
    expect(seen[0]?.body.toString()).toBe('{"body_html":"BodyHtml","id":"32398389389389"}');
    expect(seen[0]?.headers["x-shopline-hmac-sha256"]).toBe(
      "edf64f4c46a9cb2c8aaa6c7034b77899aca1b63ad0c461901417a42b1cf139b0",
    );
    const refused = await relay([...argv, "--secret", "x", "--json"]);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toEqual({ status: 401, answer: '{"status":"accepted"}' });
    expect(refused.err).toBe("relay: the relay answered 401, not 200; its words are above\n");
  });

  test("fastpod's token goes into the address", async () => {
    const { seen, url } = await listener();
    const argv = ["webhook", "send", "fastpod", file("b.json", "{}"), "--store", "tee", "--url", url];
    expect((await relay([...argv, "--token", "t/1"])).code).toBe(0);
    expect(seen[0]?.url).toBe("/webhooks/fastpod/tee/t%2F1");
  });

  test("nobody there is exit 1, and the token is not told", async () => {
    const { url } = await listener();
    for (const close of closers.splice(0)) close();
    const argv = ["webhook", "send", "fastpod", file("b.json", "{}"), "--store", "tee"];
    const { code, err } = await relay([...argv, "--token", "s3cret", "--url", url]);
    expect([code, err]).toEqual([
      1,
      `relay: ${url} does not answer (ECONNREFUSED): is relay serve running there?\n`,
    ]);
  });
});

test("goodcom fake begins with the fault that it was told, for as many requests", async () => {
  const { cli, err, signal } = fakeCli();
  const running = run(["goodcom", "fake", "--port", "0", "--fault", "500", "--times", "1"], cli);
  let code: number | null = null;
  void running.then((ended) => (code = ended));
  const url = await until(() => /fake Goodcom cloud on (\S+);/.exec(err())?.[1] ?? (code !== null && err()));
  const order = () => fetch(`${url}/v1/api/cancelorder`, { method: "POST", body: "{}" });
  // Healthy again it reads what it is sent, which is no order.
  expect([(await order()).status, (await order()).status]).toEqual([500, 400]);
  signal();
  expect(await running).toBe(0);
});
