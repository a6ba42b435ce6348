import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "./process.ts";
import { openShop, SECRETS, type Shop } from "./shop.ts";

const TOKEN = "path-token-of-the-stalling-store-0123456789ab";

let shop: Shop;
let stalling: Server;
afterEach(async () => {
  await shop.close();
  stalling.closeAllConnections();
  await new Promise((closed) => stalling.close(closed));
});

test("60 webhooks for a FastPOD store whose API hangs hold up no other store's cancellation", async () => {
  let asked = 0;
  let givenUp = 0;
  // Takes the question and never answers it.
  stalling = createServer((question) => {
    asked++;
    question.socket.once("close", () => givenUp++);
  });
  await new Promise<void>((listening) => stalling.listen(0, "127.0.0.1", listening));
  const { port } = stalling.address() as AddressInfo;
  shop = await openShop();
  writeFileSync(join(shop.folder, "stalling.yaml"), applyFile(port));
  expect(await shop.command("apply", "stalling.yaml")).toMatchObject({ code: 0 });
  const url = `${shop.relay.url}/webhooks/fastpod/mugs/${TOKEN}`;
  const post = (n: number): Promise<Response> => {
    const body = JSON.stringify({
      event: { status: "cancelled" },
      data: { id: `M-${n}`, order_status: "cancelled" },
    });
    return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  };
  await until(async () => (await post(0)).status === 200);
  const answers = await Promise.all(Array.from({ length: 59 }, (_, n) => post(n + 1)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await until(() => Promise.resolve(asked >= 2));

  await shop.cancel("fastpod", "FAS-1");
  await until(() => Promise.resolve(shop.cloud.slips.length > 0));
  // Its API answers at once, while the first questions to the other's still hang.
  expect(givenUp).toBe(0);
  expect(shop.cloud.slips.map(({ order_id }) => order_id)).toEqual(["FAS-1"]);
  expect(asked).toBe(2);
});

function applyFile(port: number): string {
  return `
printers:
  - name: kitchen
    api_key: ${SECRETS.apiKey}
    secret_key: \${GOODCOM_SECRET}
stores:
  - name: mugs
    platform: fastpod
    printer: kitchen
    tokens: ["${TOKEN}"]
    api: { url: "http://127.0.0.1:${port}", token: "any" }
`;
}
