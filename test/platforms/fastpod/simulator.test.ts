import { afterEach, beforeEach, expect, test } from "vitest";
import { createFastpodSimulator, type FastpodSimulator } from "../../../src/platforms/fastpod/simulator.ts";

let simulator: FastpodSimulator;
let url: string;

beforeEach(async () => {
  simulator = createFastpodSimulator({ token: "the-token" });
  url = await simulator.listen();
});
afterEach(() => simulator.close());

async function get(path: string, authorization = "Bearer the-token", method = "GET") {
  const answer = await fetch(`${url}${path}`, { method, headers: { authorization } });
  return [answer.status, await answer.json()];
}

test("the simulator answers as FastPOD's pages say", async () => {
  simulator.put({ id: "FAS/1", order_status: "new_order" });
  expect(await get("/v1/orders/FAS%2F1")).toEqual([
    200,
    { status: true, message: "Success.", data: { id: "FAS/1", order_status: "new_order" } },
  ]);
  simulator.put({ id: "FAS/1", order_status: "cancelled" });
  expect(await get("/v1/orders/FAS%2F1")).toMatchObject([200, { data: { order_status: "cancelled" } }]);
});

test("an unknown order, path or method is a 404 with status false; a wrong token is a 401", async () => {
  simulator.put({ id: "1" });
  expect(await get("/v1/orders/2")).toEqual([404, { status: false, message: "Order not found." }]);
  expect(await get("/v1/orders/%E0%A4%A")).toMatchObject([404, { status: false }]);
  expect(await get("/v1/orders")).toMatchObject([404, { status: false }]);
  expect(await get("/v1/orders/1", "Bearer the-token", "POST")).toMatchObject([404, { status: false }]);
  for (const wrong of ["", "Bearer the-toke", "the-token", "Basic the-token"]) {
    expect(await get("/v1/orders/1", wrong)).toMatchObject([401, { status: false }]);
  }
  expect(simulator.requestCount()).toBe(8);
});

test("a busy port is an error the caller can act on", async () => {
  const second = createFastpodSimulator({ token: "the-token" });
  await expect(second.listen(Number(new URL(url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(await second.listen(0)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await second.close();
});
