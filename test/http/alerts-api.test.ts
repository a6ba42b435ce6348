import request from "supertest";
import { expect, test } from "vitest";
import { asAdmin, asViewer, createBench } from "./fakes.ts";
import { anAlert } from "./samples.ts";

test("alerts are told to whoever may read, open ones alone where that is asked", async () => {
  const bench = createBench();
  bench.alerts = [anAlert()];
  const get = (query: string) => request(bench.server.handler).get(`/api/v1/alerts${query}`);
  await get("").expect(401);
  const said = await get("?state=open&type=delivery.dead&limit=1").set(asViewer).expect(200);
  expect(bench.asked.at(-1)).toEqual({ state: "open", type: "delivery.dead", limit: 2 });
  expect(said.body).toMatchObject({
    items: [
      {
        ...{ id: "al_000000000001", type: "delivery.dead", state: "open", order_name: "#1001", count: 1 },
        ...{ raised_at: "2027-01-15T07:59:00.000Z", told_at: "2027-01-15T07:59:01.000Z", closed_at: null },
      },
    ],
    next_cursor: null,
  });
});

test("a cursor is passed on, and what nobody knows is refused by name", async () => {
  const bench = createBench();
  const get = (query: string) => request(bench.server.handler).get(`/api/v1/alerts${query}`).set(asAdmin);
  const cursor = Buffer.from("al_000000000007").toString("base64url");
  await get(`?cursor=${cursor}`).expect(200);
  expect(bench.asked.at(-1)).toEqual({ before: "al_000000000007", limit: 51 });
  const wrong = await get("?state=broken").expect(400);
  expect((wrong.body as { detail: string }).detail).toContain("state");
});
