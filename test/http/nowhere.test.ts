import request from "supertest";
import { expect, test } from "vitest";
import { ADMIN, createBench } from "./fakes.ts";
import { visitorOf } from "./visitor.ts";

// As Chromium asks for what is typed into its address bar.
const BROWSER = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8" };
const bench = createBench();
const { cookie } = await visitorOf(bench, ADMIN);

function get(path: string, headers: Record<string, string>): request.Test {
  return request(bench.server.handler).get(path).set(headers);
}

test("regression: a mistyped address was shown as JSON to a person", async () => {
  const answer = await get("/delivery/1001", { ...BROWSER, Cookie: cookie }).expect(404);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.text).toContain("There is nothing at this address");
  // Whoever is signed in keeps the ways on.
  expect(answer.text).toContain('href="/deliveries"');
});

test("a stranger's page leads nowhere but to the first", async () => {
  const { text } = await get("/delivery/1001", BROWSER).expect(404);
  expect(text).not.toContain('href="/deliveries"');
});

test.each([
  ["/delivery/1001", { Accept: "*/*" }],
  ["/delivery/1001", { Accept: "application/json" }],
  ["/api/v1/delivery", BROWSER],
])("a program gets a problem: %s %o", async (path, headers) => {
  const answer = await get(path, headers).expect(404);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status: 404, type: expect.stringContaining("not_found") as string });
});
