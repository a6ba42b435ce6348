import { setDefaultCACertificates, getCACertificates } from "node:tls";
import { isIP } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreSettings } from "../../../src/core/settings.ts";
import { createApiCaller, type ApiCaller } from "../../../src/platforms/api/caller.ts";
import type { Resolve } from "../../../src/platforms/api/guarded-lookup.ts";
import { API_LIMITS } from "../../../src/platforms/api/limits.ts";
import { CERTIFICATE, startSelfSigned, type SelfSigned } from "../../fakes/self-signed.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { aStore } from "../a-store.ts";
import { json, startApiServer } from "../api-server.ts";

const TOKEN = "s3cret-api-token-that-no-detail-may-hold";
const VENDOR = {
  ...{ product: "Vendor", scopes: null, rate: { perSecond: 100, burst: 100 } },
  headers: (token: string) => ({ authorization: token }),
};

let server: SelfSigned;
let resolved: string[];
let answers: string[][];
let caller: ApiCaller;
const resolve: Resolve = (hostname, _options, answer) => {
  const addresses = answers[resolved.length] ?? answers.at(-1) ?? [];
  resolved.push(hostname);
  answer(
    null,
    addresses.map((address) => ({ address, family: isIP(address) })),
  );
};

const callers: ApiCaller[] = [];
function openCaller(of?: Resolve): ApiCaller {
  const opened = createApiCaller(VENDOR, createManualClock(), API_LIMITS, of);
  callers.push(opened);
  return opened;
}

const trusted = getCACertificates();
beforeEach(async () => {
  [resolved, answers] = [[], []];
  server = await startSelfSigned();
  caller = openCaller(resolve);
});
afterEach(async () => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  setDefaultCACertificates(trusted);
  for (const opened of callers.splice(0)) await opened.close();
  await server.close();
});

function storeAt(url: string, allow_host: string | null = null): StoreSettings {
  return aStore({ name: "the-shop", api: { url, token: TOKEN, version: null, allow_host } });
}
const ask = (store: StoreSettings, method: "GET" | "POST" = "GET") =>
  caller.ask(store, ({ url }) => ({ method, url: `${url}/x`, patience: "once" }));

describe("a store whose name leads into the network of the relay", () => {
  test("is not asked and not told its token, however it is written in DNS; a change is surely not made", async () => {
    const host = `shop.example:${server.port}`;
    const stores = [storeAt(`https://${host}`), storeAt(`https://${host}`, host)];
    for (const addresses of [
      ["127.0.0.1"],
      ["127.0.0.9", "127.0.0.1"],
      ["::ffff:127.0.0.1"],
      ["127.0.0.9"],
    ]) {
      [resolved, answers] = [[], [addresses]];
      for (const [store, method] of stores.flatMap((one) => [
        [one, "GET"] as const,
        [one, "POST"] as const,
      ])) {
        expect(await ask(store, method)).toEqual({
          ...{ kind: "failed", why: "unavailable", http_status: null, retry_after_ms: null },
          detail:
            `Vendor's API is not asked: shop.example leads to ${addresses[0]}, which is no public address; ` +
            "check the api.url of store the-shop and its DNS",
        });
      }
      // Each connection by its own answer: what was checked is what would have been connected to.
      expect(resolved).toEqual(Array(4).fill("shop.example"));
    }
    expect(server.connections()).toBe(0);
  });

  test("is not asked either when it is one of the platform's own", async () => {
    answers = [["192.0.2.1"]];
    expect(await ask(storeAt("https://demo.myshopline.com"))).toMatchObject({
      why: "unavailable",
      detail: expect.stringContaining("demo.myshopline.com leads to 192.0.2.1") as string,
    });
  });
});

test.each([
  ["https://192.0.2.1", null, "leads to 192.0.2.1"],
  ["https://[2001:db8::1]", null, "leads to [2001:db8::1]"],
  ["https://intranet", null, "no name of the public internet"],
  ["https://metadata.google.internal", null, "no name of the public internet"],
  ["https://intranet.example", "shop.example", "api.allow_host allows another"],
  ["http://demo.myshopline.com", null, "must be https"],
])("what an older relay let into the ledger is not asked: %s", async (url, allowHost, words) => {
  expect(await ask(storeAt(url, allowHost), "POST")).toMatchObject({
    why: "not_configured",
    detail: expect.stringContaining(words) as string,
  });
  expect(resolved).toEqual([]);
});

test.each(["@evil.example/x", ".evil.example/x", ":8443/x", "evil.example"])(
  "no path of a question leads away from the host of api.url: %s",
  async (path) => {
    for (const at of ["https://demo.myshopline.com", "https://shop.example"]) {
      const asked = await caller.ask(storeAt(at), ({ url }) => ({
        ...{ method: "GET", url: url + path, patience: "once" },
      }));
      expect(asked).toMatchObject({ why: "not_configured" });
    }
    expect(resolved).toEqual([]);
  },
);

describe("on this machine", () => {
  test("localhost is asked where it leads to loopback, and not where it leads elsewhere", async () => {
    const plain = await startApiServer();
    const { port } = new URL(plain.url);
    answers = [["127.0.0.1"], ["192.0.2.7"]];
    expect((await ask(storeAt(`http://localhost:${port}`))).kind).toBe("answered");
    expect(await ask(storeAt(`http://localhost:${port}`))).toMatchObject({
      detail: expect.stringContaining("localhost leads to 192.0.2.7, which is no loopback") as string,
    });
    expect(plain.heard).toHaveLength(1);
    await plain.close();
  });

  test("the system's own resolver finds it", async () => {
    const plain = await startApiServer();
    caller = openCaller();
    // Where localhost is ::1 first, the server on 127.0.0.1 is found all the same.
    const { port } = new URL(plain.url);
    expect((await ask(storeAt(`http://localhost:${port}`))).kind).toBe("answered");
    await plain.close();
  });
});

describe("a certificate that nobody vouches for", () => {
  beforeEach(() => void (answers = [["127.0.0.1"]]));

  test("is refused, whatever the environment says, and the token is not sent", async () => {
    for (const setting of [undefined, "0"]) {
      if (setting !== undefined) process.env.NODE_TLS_REJECT_UNAUTHORIZED = setting;
      expect(await ask(storeAt(server.url), "POST")).toMatchObject({
        why: "unavailable",
        detail: "Vendor's API could not be asked (DEPTH_ZERO_SELF_SIGNED_CERT)",
      });
    }
    expect(server.connections()).toBe(2);
    expect(server.asked).toEqual([]);
  });

  test("is taken once it is trusted", async () => {
    setDefaultCACertificates([...trusted, CERTIFICATE]);
    expect((await ask(storeAt(server.url))).kind).toBe("answered");
    expect(server.asked).toEqual(["GET /x"]);
  });

  test("is refused for a name that does not stand in it, trusted or not", async () => {
    setDefaultCACertificates([...trusted, CERTIFICATE]);
    expect(await ask(storeAt(`https://127.0.0.1:${server.port}`))).toMatchObject({
      detail: "Vendor's API could not be asked (ERR_TLS_CERT_ALTNAME_INVALID)",
    });
    expect(server.asked).toEqual([]);
  });
});

test("a redirect is not followed, and its target is told no token", async () => {
  const [asked, target] = [await startApiServer(), await startApiServer()];
  for (const status of [301, 302, 303, 307, 308]) {
    asked.answers = [json(status, {}, { location: `${target.url}/stolen` })];
    expect(await ask(storeAt(asked.url))).toMatchObject({ why: "nonsense", http_status: status });
  }
  expect([asked.heard.length, target.heard.length]).toEqual([5, 0]);
  await Promise.all([asked.close(), target.close()]);
});
