import request from "supertest";
import { beforeEach, expect, test } from "vitest";
import { asAdmin, createBench, VIEWER, type Bench } from "./fakes.ts";
import { visitorOf, type Visitor } from "./visitor.ts";

// Among thousands of stores nobody pages for one.

let bench: Bench;
let viewer: Visitor;
beforeEach(async () => {
  bench = createBench();
  viewer = await visitorOf(bench, VIEWER);
});

async function shown(query: string): Promise<{ text: string; names: string[] }> {
  const { text } = await viewer.page(`/stores-and-printers${query}`).expect(200);
  return {
    text,
    names: [...text.matchAll(/<li id="((?:store|printer)-[a-z-]+)"/g)].map(([, id = ""]) => id),
  };
}

test("the page finds stores and printers by a part of their names", async () => {
  const found = await shown("?q=%20BAR");
  expect(found.names).toEqual(["printer-bar", "store-noodle-bar"]);
  expect(found.text).toMatch(/name="q"\s+type="search"\s+value=" BAR"/);
  expect(found.text).toContain('<a href="/stores-and-printers">All of them</a>');
  const none = await shown("?q=pizza");
  expect(none.names).toEqual([]);
  expect(none.text).toContain("None of that name.");
});

test("a search goes on over its pages, and is offered where one page does not hold all", async () => {
  expect((await shown("")).text).not.toContain('name="q"');
  const first = await shown("?q=a&limit=1");
  expect(first.names).toEqual(["printer-bar", "store-cake-shop"]);
  const [, more = ""] = /href="([^"]*cursor=[^"]*)"/.exec(first.text) ?? [];
  const second = await shown(more.replaceAll("&amp;", "&").replace("/stores-and-printers", ""));
  expect(second.names).toEqual(["store-noodle-bar"]);
  expect(second.text).not.toContain("cursor=");
  expect((await shown("?limit=1")).text).toContain('name="q"');
});

test("the API takes the same", async () => {
  const names = async (path: string): Promise<string[]> => {
    const { body } = await request(bench.server.handler).get(path).set(asAdmin).expect(200);
    return (body as { items: { name: string }[] }).items.map(({ name }) => name);
  };
  expect(await names("/api/v1/stores?q=shop")).toEqual(["cake-shop", "tee-shop"]);
  expect(await names("/api/v1/printers?q=kit")).toEqual(["kitchen"]);
});
