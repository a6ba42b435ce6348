import { afterEach, beforeEach, expect, test } from "vitest";
import { ADMIN, createBench, type Bench } from "./fakes.ts";
import { aDetail, aWebhook } from "./samples.ts";
import { OURS } from "./visitor.ts";

// RELAY_PUBLIC_URL is https://shop.example/relay: a browser sees every address below /relay, and the relay is asked
// for it with the path or, where the proxy takes it off, without.

const PATH = "/relay";
const ADDRESS = /\s(href|src|action|formaction|data-live)="([^"#][^"]*)"/g;

let bench: Bench;
let origin: string;
let cookie: string;
beforeEach(async () => {
  bench = createBench({ public_url: `http://shop.test${PATH}` });
  bench.details = [aDetail()];
  bench.webhooks = [aWebhook()];
  origin = await bench.server.listen("127.0.0.1", 0);
  const answer = await ask("/sign-in", { method: "POST", body: new URLSearchParams({ token: ADMIN }) });
  cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
});
afterEach(() => bench.server.close(0));

function ask(path: string, more: RequestInit = {}): Promise<Response> {
  const headers = { ...OURS, ...(cookie && { cookie }) };
  return fetch(origin + path, { headers, redirect: "manual", ...more });
}

interface Named {
  attribute: string;
  address: string;
}

async function namedIn(path: string): Promise<Named[]> {
  const answer = await ask(path);
  expect(answer.status, path).toBe(200);
  const found = [...(await answer.text()).matchAll(ADDRESS)];
  return found.map(([, attribute = "", address = ""]) => ({
    attribute,
    address: address.replaceAll("&amp;", "&"),
  }));
}

test("every page's addresses are below it, and lead somewhere, with it and without", async () => {
  const seen = new Set<string>();
  const waiting = [`${PATH}/`];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const named = (await namedIn(path)).filter(({ address }) => !/^https?:/.test(address));
    expect(named.filter(({ address }) => !/^\/relay(\/|$)/.test(address))).toEqual([]);
    const links = named.filter(
      ({ attribute, address }) => attribute === "href" && !/\/(assets|api)\//.test(address),
    );
    // Every filter of a list, combined with every other, is the same page.
    waiting.push(...links.map(({ address }) => address).filter((address) => !address.includes("&")));
  }
  expect([...seen]).toEqual(expect.arrayContaining([`${PATH}/deliveries`, `${PATH}/webhooks`]));
  for (const path of seen) expect((await ask(path.slice(PATH.length))).status, path).toBe(200);
  for (const { address } of await namedIn(`${PATH}/`)) {
    if (address.includes("/assets/")) expect((await ask(address)).status, address).toBe(200);
  }
});

test("who is sent elsewhere stays below it", async () => {
  const signedIn = cookie;
  cookie = "";
  expect((await ask(`${PATH}/deliveries?order=7`)).headers.get("location")).toBe(
    "/relay/sign-in?next=%2Fdeliveries%3Forder%3D7",
  );
  const headers = { Referer: `http://relay.test${PATH}/deliveries/DL1` };
  const pressed = await ask(`${PATH}/deliveries/DL1/redrive`, { method: "POST", headers });
  expect(pressed.headers.get("location")).toBe("/relay/sign-in?undone&next=%2Fdeliveries%2FDL1");
  const form = new URLSearchParams({ token: ADMIN, next: "/deliveries?order=7" });
  const answer = await ask(`${PATH}/sign-in`, { method: "POST", body: form });
  expect(answer.headers.get("location")).toBe("/relay/deliveries?order=7");
  cookie = signedIn;
  expect((await ask(`${PATH}/sign-out`, { method: "POST" })).headers.get("location")).toBe("/relay/sign-in");
});

test("the API and health are there too, and say where what they made is", async () => {
  expect((await ask(`${PATH}/healthz`)).status).toBe(200);
  const headers = { authorization: `Bearer ${ADMIN}`, "content-type": "application/json" };
  const made = await fetch(`${origin}${PATH}/api/v1/deliveries/${aDetail().delivery.id}/reprint`, {
    ...{ method: "POST", headers, body: JSON.stringify({ reason: "wet" }) },
  });
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toMatch(/^\/relay\/api\/v1\/deliveries\//);
});

test("an address that only begins like it is another", async () => {
  expect((await ask("/relays")).status).toBe(404);
  expect((await ask("/relay//deliveries")).status).not.toBe(200);
});
