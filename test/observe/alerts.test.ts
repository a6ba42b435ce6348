import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAlerts, type Alerts } from "../../src/observe/alerts.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

const DEAD: RelayEvent = {
  event: "delivery.dead",
  delivery: "01JD",
  order: "1001",
  store: "noodle-bar",
  printer: "kitchen",
  detail: "refused by the cloud: sign error",
  by: "relay",
};

let server: Server;
let received: { headers: IncomingHttpHeaders; body: string }[];
let status: number;
let clock: ManualClock;
let alerts: Alerts;
let failures: string[];

beforeEach(async () => {
  received = [];
  failures = [];
  status = 204;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  clock = createManualClock(1_800_000_000_000);
  alerts = createAlerts({
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`,
    secret: "whsec_cmVsYXktYWxlcnQtc2VjcmV0LTAxMjM0NTY3ODlhYmNk",
    publicUrl: "https://relay.example",
    clock,
    makeId: () => "01ID",
    retryAfterMs: 1,
    onFailure: (detail) => failures.push(detail),
  });
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test("an alert is signed as Standard Webhooks asks", async () => {
  alerts.consider(DEAD);
  await alerts.settle();
  expect(received).toHaveLength(1);
  expect(received[0]?.body).toBe(
    '{"type":"delivery.dead","timestamp":"2027-01-15T08:00:00.000Z",' +
      '"text":"Order 1001 (noodle-bar → kitchen): the cancellation will not print. refused by the cloud: sign error.' +
      ' https://relay.example/deliveries/01JD","data":{"delivery":"01JD","order":"1001","store":"noodle-bar",' +
      '"printer":"kitchen","detail":"refused by the cloud: sign error","link":"https://relay.example/deliveries/01JD"}}',
  );
  // printf '%s' "msg_01ID.1800000000.$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64
  expect(received[0]?.headers).toMatchObject({
    "webhook-id": "msg_01ID",
    "webhook-timestamp": "1800000000",
    "webhook-signature": "v1,j0h2JiNa85+Inkw5TAGN4li6oUvtIPI0x1bhnugrrts=",
  });
});

test("the same matter is told once an hour", async () => {
  alerts.consider(DEAD);
  alerts.consider(DEAD);
  alerts.consider({ ...DEAD, delivery: "01JE" });
  clock.jump(3_599_999);
  alerts.consider(DEAD);
  await alerts.settle();
  expect(received).toHaveLength(2);
  clock.jump(1);
  alerts.consider(DEAD);
  await alerts.settle();
  expect(received).toHaveLength(3);
});

test("what needs nobody is not told", async () => {
  alerts.consider({ event: "cloud.returned", scope: "cloud", released: 3, away_ms: 10 });
  alerts.consider({
    event: "webhook.refused",
    store: "s",
    platform: "fastpod",
    why: "unknown_token",
    detail: "",
  });
  await alerts.settle();
  expect(received).toHaveLength(0);
});

test("an alert address that refuses is given up on, and the relay goes on", async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  alerts.consider(DEAD);
  await alerts.settle();
  expect(failures).toHaveLength(1);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
