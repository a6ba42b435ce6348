import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/time.ts";
import { createGoodcomClient, type ClientLimits } from "../../src/goodcom/client.ts";
import type { GoodcomClient } from "../../src/goodcom/api.ts";
import { createGoodcomSimulator, type GoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { systemClock } from "../../src/system.ts";
import { SAMPLE_CALLBACK, sampleOrder, samplePrinter, sampleRequest } from "../fakes/goodcom.ts";

/** Long enough for a busy machine: what must not time out never does here. */
const PATIENT: Partial<ClientLimits> = { connect_ms: 20_000, headers_ms: 20_000, body_ms: 20_000 };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function simulator(): Promise<GoodcomSimulator> {
  const cloud = createGoodcomSimulator({ clock: systemClock, confirm_after_ms: null });
  await cloud.listen();
  cleanups.push(() => cloud.close());
  return cloud;
}

function client(
  url: string,
  limits: Partial<ClientLimits> = PATIENT,
  clock: Clock = systemClock,
): GoodcomClient {
  const made = createGoodcomClient({ url, clock, limits });
  cleanups.push(() => made.close());
  return made;
}

/** A bare TCP server, for what no HTTP server does. */
async function tcp(onConnection: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  cleanups.push(() => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("what is sent", () => {
  it("is the vendor's body, field by field, with the headers of the contract", async () => {
    const cloud = await simulator();
    const { outcome } = await client(cloud.url).send(sampleRequest());
    expect(outcome).toMatchObject({ kind: "accepted", http_status: 200, response: "{}" });
    expect(cloud.requests).toHaveLength(1);
    const { body, headers, endpoint } = cloud.requests[0]!;
    expect(endpoint).toBe("cancelorder");
    expect(Object.keys(body as object)).toEqual([
      ...["api_key", "cur_time", "sign", "callback_url", "order_id", "order_json", "order_txt"],
    ]);
    expect(body).toMatchObject({
      ...{ api_key: "APIKEY-7f3a99", callback_url: SAMPLE_CALLBACK, order_id: "10006" },
      ...{ order_json: sampleOrder().order_json, order_txt: "ORDER 10006\nCANCELLED\n" },
    });
    expect(headers).toMatchObject({
      ...{ "content-type": "application/json", "idempotency-key": "01JDELIVERY" },
      "user-agent": "goodcom-relay",
    });
  });

  it("regression: left the cloud free to answer in a coding that is not read", async () => {
    const cloud = await simulator();
    await client(cloud.url).send(sampleRequest());
    expect(cloud.requests[0]!.headers["accept-encoding"]).toBe("identity");
  });

  it("says which trace it belongs to when there is one, and else nothing of it", async () => {
    const cloud = await simulator();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const sending = client(cloud.url);
    await sending.send(sampleRequest({ traceparent }));
    await sending.send(sampleRequest());
    expect(cloud.requests.map(({ headers }) => headers.traceparent)).toEqual([traceparent, undefined]);
  });

  it("goes to submitorder when told to, and keeps a path of the base address", async () => {
    const cloud = await simulator();
    await client(cloud.url).send(sampleRequest({ endpoint: "submitorder" }));
    expect(cloud.requests.map(({ endpoint }) => endpoint)).toEqual(["submitorder"]);
    const { outcome } = await client(`${cloud.url}/base/`).send(sampleRequest());
    expect(outcome).toMatchObject({ kind: "rejected", http_status: 404 });
  });

  it("is signed with the moment it is given, which goes out as cur_time", async () => {
    const cloud = await simulator();
    const sending = client(cloud.url);
    for (const signed_at of [1782107042846, 1782107000000]) await sending.send(sampleRequest({ signed_at }));
    // printf '%s' 'APIKEY-7f3a991782107042846SECRET-5511aa' | openssl md5, and so on for each time
    expect(cloud.requests.map(({ body }) => body)).toMatchObject([
      { cur_time: "1782107042846", sign: "3eee2bfd73311216dcfa28c9ae5165cd" },
      { cur_time: "1782107000000", sign: "1a8250dcc16ce3256f0a3a71b1397a81" },
    ]);
  });

  it("is told masked: no key, sign, secret or token", async () => {
    const cloud = await simulator();
    const { sent } = await client(cloud.url).send(sampleRequest());
    const { sign } = cloud.requests[0]!.body as { sign: string };
    expect(sign).toMatch(/^[0-9a-f]{32}$/);
    for (const secret of ["APIKEY-7f3a99", "SECRET-5511aa", "TOKEN-c0ffee-42", sign]) {
      expect(sent).not.toContain(secret);
    }
    expect(JSON.parse(sent ?? "")).toMatchObject({
      ...{ api_key: "AP***", sign: "***", order_id: "10006" },
      callback_url: "http://127.0.0.1:9/callbacks/goodcom/01JDELIVERY/***",
      order_txt: "ORDER 10006\nCANCELLED\n",
    });
  });

  it("hides what the cloud echoes", async () => {
    const cloud = await simulator();
    const echo = "bad APIKEY-7f3a99 SECRET-5511aa for TOKEN-c0ffee-42";
    cloud.script([{ fault: "failure", msg: echo }]);
    const result = await client(cloud.url).send(sampleRequest());
    expect(result.outcome).toMatchObject({
      ...{ kind: "rejected", detail: "HTTP 200, code 4001: bad *** *** for ***" },
      response: '{"code":4001,"msg":"bad *** *** for ***"}',
    });
  });

  it("masks a short key as a whole", async () => {
    const cloud = await simulator();
    const printer = samplePrinter({ api_key: "abc" });
    const { sent } = await client(cloud.url).send(sampleRequest({ printer }));
    expect(JSON.parse(sent ?? "")).toMatchObject({ api_key: "***" });
  });
});

describe("when nothing was sent", () => {
  it("a refused connection is unavailable, and the next attempt is free to work", async () => {
    const cloud = await simulator();
    const sending = client(cloud.url);
    await cloud.setFault("refuse");
    expect((await sending.send(sampleRequest())).outcome).toEqual({
      ...{ kind: "unavailable", detail: "not sent: the cloud refused the connection (ECONNREFUSED)" },
      ...{
        http_status: null,
        retry_after_ms: null,
        order_unknown: false,
        response: null,
        clock_skew_ms: null,
      },
    });
    await cloud.setFault(null);
    expect((await sending.send(sampleRequest())).outcome.kind).toBe("accepted");
    expect(cloud.requests).toHaveLength(1);
  });

  it("a TLS handshake that fails is unavailable", async () => {
    const address = await tcp((socket) => socket.end("this is not TLS"));
    const { outcome } = await client(`https://${address}`).send(sampleRequest());
    expect(outcome).toMatchObject({ kind: "unavailable", http_status: null });
    expect(outcome.detail).toMatch(/^not sent: the connection failed \(\w+\)$/);
  });

  it("a handshake that is reset is unavailable", async () => {
    const address = await tcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const { outcome } = await client(`https://${address}`).send(sampleRequest());
    expect(outcome).toMatchObject({
      ...{ kind: "unavailable", detail: "not sent: the connection was reset (ECONNRESET)" },
    });
  });

  it("a handshake that hangs is unavailable after the connect limit", async () => {
    const address = await tcp(() => undefined);
    const { outcome } = await client(`https://${address}`, { connect_ms: 150 }).send(sampleRequest());
    expect(outcome).toMatchObject({
      ...{ kind: "unavailable", detail: "not sent: no connection within 150 ms (UND_ERR_CONNECT_TIMEOUT)" },
    });
  });

  it("waiting for a free connection ends too, and is never sent afterwards", async () => {
    const cloud = await simulator();
    cloud.script(["hang"]);
    const ends: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (ms, task) => (ms === 400 ? (ends.push(task), () => undefined) : systemClock.after(ms, task)),
    };
    const sending = client(cloud.url, { ...PATIENT, connections: 1, total_ms: 400 }, clock);
    const both = [sending.send(sampleRequest()), sending.send(sampleRequest({ idempotency_key: "second" }))];
    await expect.poll(() => cloud.requests.length).toBe(1);
    // The second's time is up while the first still holds the only connection.
    ends[1]?.();
    ends[0]?.();
    expect((await Promise.all(both)).map(({ outcome }) => [outcome.kind, outcome.detail])).toEqual([
      ["unknown", "no answer: not done within 400 ms"],
      ["unavailable", "not sent: not done within 400 ms"],
    ]);
    expect((await sending.send(sampleRequest({ idempotency_key: "third" }))).outcome.kind).toBe("accepted");
    expect(cloud.requests.map(({ headers }) => headers["idempotency-key"])).toEqual(["01JDELIVERY", "third"]);
  });

  it("a stopped client sends nothing", async () => {
    const cloud = await simulator();
    const sending = createGoodcomClient({ url: cloud.url, clock: systemClock });
    await sending.close();
    const { outcome } = await sending.send(sampleRequest());
    expect(outcome).toMatchObject({ kind: "unavailable" });
    expect(outcome.detail).toContain("the relay is stopping");
    expect(cloud.requests).toHaveLength(0);
  });
});

describe("a connection the cloud closes after its answer", () => {
  it("does not cost the next request anything", async () => {
    let connections = 0;
    const address = await tcp((socket) => {
      connections++;
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}"),
      );
    });
    const sending = client(`http://${address}`);
    for (let i = 0; i < 5; i++) {
      expect((await sending.send(sampleRequest())).outcome).toMatchObject({
        kind: "accepted",
        response: "{}",
      });
    }
    expect(connections).toBe(5);
  });

  it("leaves it unknown whether a request it swallowed was printed", async () => {
    const address = await tcp((socket) => socket.once("data", () => socket.end()));
    const { outcome } = await client(`http://${address}`).send(sampleRequest());
    expect(outcome).toMatchObject({
      kind: "unknown",
      detail: "no answer: the connection was closed (UND_ERR_SOCKET)",
    });
  });

  it("leaves it unknown when what comes is no HTTP", async () => {
    const address = await tcp((socket) =>
      socket.once("data", () => socket.end("220 mail.example ESMTP\r\n")),
    );
    const { outcome } = await client(`http://${address}`).send(sampleRequest());
    expect(outcome).toMatchObject({
      kind: "unknown",
      detail: "no answer: what came is not HTTP (HTTPParserError)",
    });
  });
});
