import request from "supertest";
import { beforeEach, expect, test } from "vitest";
import type { DeliveryDetail } from "../../src/ledger/ledger.ts";
import { asAdmin, createBench, VIEWER, type Bench } from "./fakes.ts";
import { aDetail, anAttempt, NOW } from "./samples.ts";
import { visitorOf, type Visitor } from "./visitor.ts";

// An outage of a day leaves thousands of attempts on the order that asks whether it is over.

let bench: Bench;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  viewer = await visitorOf(bench, VIEWER);
});

function tried(times: number): DeliveryDetail {
  const attempts = Array.from({ length: times }, (_, k) =>
    anAttempt({ number: k + 1, outcome: "unavailable", http_status: 503, started_at: NOW + k * 5_000 }),
  );
  return { ...aDetail(), attempts };
}

async function told(path: string): Promise<{ text: string; numbers: number[] }> {
  const { text } = await viewer.page(path).expect(200);
  return { text, numbers: [...text.matchAll(/<b>Attempt (\d+)<\/b>/g)].map(([, number]) => Number(number)) };
}

test("the delivery's page has the newest twenty, and says where those before are", async () => {
  bench.details = [tried(60)];
  const { text, numbers } = await told("/deliveries/DL1");
  expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([20, 41, 60]);
  const [before = "", after = ""] = text.split('href="/deliveries/DL1/attempts"');
  expect(before).not.toContain("<b>Attempt 41</b>");
  expect(after).toContain("<b>Attempt 41</b>");
});

test("of few there is no other page", async () => {
  bench.details = [tried(20)];
  expect((await told("/deliveries/DL1")).text).not.toContain("/attempts");
  bench.details = [{ ...tried(20), earlier_attempts: "7" }];
  expect((await told("/deliveries/DL1")).text).toContain('href="/deliveries/DL1/attempts"');
});

test("there they are all, newest first, page by page", async () => {
  bench.details = [tried(60)];
  const first = await told("/deliveries/DL1/attempts");
  expect([first.numbers.length, first.numbers[0], first.numbers.at(-1)]).toEqual([50, 60, 11]);
  const [, older = ""] = /href="([^"]*cursor=[^"]*)"/.exec(first.text) ?? [];
  const second = await told(older.replaceAll("&amp;", "&"));
  expect(second.numbers).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(second.text).not.toContain("cursor=");
  expect(second.text).toContain('href="/deliveries/DL1"');
  await viewer.page("/deliveries/NOPE/attempts").expect(404);
});

test("the API has them a page after the other, and nothing for another list's cursor", async () => {
  const get = (path: string): request.Test => request(bench.server.handler).get(path).set(asAdmin);
  bench.details = [{ ...tried(5), earlier_attempts: "3" }];
  const numbers: number[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { body } = await get(`/api/v1/deliveries/DL1/attempts?limit=2&cursor=${cursor}`).expect(200);
    const page = body as { items: { number: number }[]; next_cursor: string | null };
    numbers.push(...page.items.map(({ number }) => number));
    cursor = page.next_cursor;
  }
  expect(numbers).toEqual([5, 4, 3, 2, 1]);
  const { body } = await get("/api/v1/deliveries/DL1").expect(200);
  const { earlier_attempts } = body as { earlier_attempts: string };
  await get(`/api/v1/deliveries/DL1/attempts?cursor=${earlier_attempts}`).expect(200);
  const foreign = Buffer.from("DL1").toString("base64url");
  await get(`/api/v1/deliveries/DL1/attempts?cursor=${foreign}`).expect(400);
  await get("/api/v1/deliveries/NOPE/attempts").expect(404);
});
