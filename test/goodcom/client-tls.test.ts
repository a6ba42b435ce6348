import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GoodcomClient } from "../../src/goodcom/api.ts";
import { createGoodcomClient } from "../../src/goodcom/client.ts";
import { systemClock } from "../../src/system.ts";
import { sampleRequest } from "../fakes/goodcom.ts";
import { CERTIFICATE, startSelfSigned, type SelfSigned } from "../fakes/self-signed.ts";

const trusted = getCACertificates();
let cloud: SelfSigned;
let client: GoodcomClient;
beforeEach(async () => {
  cloud = await startSelfSigned();
  client = createGoodcomClient({ url: cloud.url, clock: systemClock });
});
afterEach(async () => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  setDefaultCACertificates(trusted);
  await client.close();
  await cloud.close();
});

test.each([null, "0"])(
  "a cloud that nobody vouches for gets no slip; NODE_TLS_REJECT_UNAUTHORIZED: %s",
  async (setting) => {
    if (setting !== null) process.env.NODE_TLS_REJECT_UNAUTHORIZED = setting;
    const { outcome } = await client.send(sampleRequest());
    expect(outcome).toMatchObject({
      kind: "unavailable",
      detail: "not sent: the connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)",
    });
    expect(cloud.connections()).toBeGreaterThan(0);
    expect(cloud.asked).toEqual([]);
  },
);

test("the same one gets it once it is trusted", async () => {
  setDefaultCACertificates([...trusted, CERTIFICATE]);
  expect((await client.send(sampleRequest())).outcome).toMatchObject({ kind: "accepted" });
  expect(cloud.asked).toEqual(["POST /v1/api/cancelorder"]);
});
