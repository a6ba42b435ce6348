import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHouse, type House } from "./fakes/house.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await house.close();
});

/** What a webhook at this address has hashed and compared, and what comes of it. */
async function workFor(store: string): Promise<{ kind: string; work: number[] }> {
  const spies = [vi.spyOn(crypto, "createHash"), vi.spyOn(crypto, "timingSafeEqual")];
  syncBuiltinESMExports();
  const { kind } = await house.relay.receive("fastpod", store, {
    ...{ headers: {}, query: {}, path_token: "wrong-".repeat(6), body: Buffer.from("{}") },
  });
  const work = spies.map((spy) => spy.mock.calls.length);
  for (const spy of spies) spy.mockRestore();
  syncBuiltinESMExports();
  return { kind, work };
}

test("a FastPOD address costs the same work whether its store is known or not, so its time tells no name", async () => {
  // Twice: by the settings as they are known, and by those that another process may have applied just now.
  expect(await workFor("tee-shop")).toEqual({ kind: "refused", work: [2, 2] });
  expect(await workFor("tea-shop")).toEqual({ kind: "unknown_store", work: [2, 2] });
  // A store of another platform is none at this address.
  expect(await workFor("noodle-bar")).toEqual({ kind: "unknown_store", work: [2, 2] });
});
