import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { PLATFORM_NAMES, type PlatformName } from "../../src/core/cancellation.ts";
import { subjectProblem, type ErasureSubject } from "../../src/core/erasure.ts";
import type { StoreSettings } from "../../src/core/settings.ts";
import { REFUSALS } from "../../src/core/webhook.ts";
import type { PlatformWords } from "../../src/platforms/platform.ts";
import { aRequest, aStore, NOW } from "../platforms/a-store.ts";
import { canonical } from "../platforms/sound.ts";
import { bytesOf } from "./bytes.ts";
import { documentsOf } from "./fixtures.ts";
import { mutated } from "./mutate.ts";
import { assertHarmless, assertUnpolluted, target, type FuzzTarget } from "./target.ts";
import { PLATFORMS } from "./tickets.ts";

const SIGNATURES = { shopline: "x-shopline-hmac-sha256", shoplazza: "x-shoplazza-hmac-sha256", fastpod: "" };

const SECRET = "the store's secret";
const TOKEN = "t".repeat(32);
/** What a sender may show for a proof, and whether it is one. */
type Proof = "genuine" | "stale" | "flipped" | "cut" | "doubled" | "spaced" | "absent" | "noise";

interface Input {
  body: Buffer;
  proof: Proof;
  noise: string;
  headers: Record<string, string>;
}

function inputOf(platform: PlatformName): fc.Arbitrary<Input> {
  const header = fc.oneof(
    fc.constantFrom(...PLATFORMS[platform].kept_headers),
    fc.constantFrom("x-shopline-shop-id", "x-shoplazza-shop-domain", "__proto__", "constructor"),
  );
  const others = [...PLATFORM_NAMES].sort((name) => (name === platform ? -1 : 0)).flatMap(documentsOf);
  return fc.record({
    body: bytesOf(mutated(others)),
    proof: fc.constantFrom(
      ...(["genuine", "stale", "flipped", "cut", "doubled", "spaced", "absent", "noise"] as const),
    ),
    noise: fc.string({ unit: "binary", maxLength: 80 }),
    headers: fc.dictionary(header, fc.string({ unit: "binary", maxLength: 30 }), { maxKeys: 4 }),
  });
}

/** The proof as its sender would write it; `mac` is what the genuine one is. */
function shown(proof: Proof, mac: string, noise: string): string | null {
  switch (proof) {
    case "genuine":
      return mac;
    case "stale":
      return createHmac("sha256", "another secret").update(mac).digest("hex");
    case "flipped":
      return (mac.startsWith("0") ? "1" : "0") + mac.slice(1);
    case "cut":
      return mac.slice(0, -1);
    case "doubled":
      return `${mac}, ${mac}`;
    case "spaced":
      return ` ${mac}`;
    case "absent":
      return null;
    case "noise":
      return noise;
  }
}

function assertVerified(name: PlatformName, input: Input, store: StoreSettings): void {
  const { body, proof, noise } = input;
  const mac = createHmac("sha256", SECRET).update(body).digest("hex");
  const value = shown(proof, name === "fastpod" ? TOKEN : mac, noise);
  const headers = { ...input.headers };
  if (name !== "fastpod" && value !== null) headers[SIGNATURES[name]] = value;
  const request = { ...aRequest(body, { headers }), path_token: name === "fastpod" ? value : null, body };
  const refusal = PLATFORMS[name].verify(request, store, NOW);
  assert.equal(refusal === null, proof === "genuine", `${proof} was taken wrongly`);
  if (refusal === null) return;
  assert.ok(REFUSALS.includes(refusal.why));
  assertHarmless(refusal.detail);
  for (const secret of [SECRET, TOKEN, mac]) assert.ok(!refusal.detail.includes(secret));
}

const LABEL_CHARS_MAX = 500;

function assertLabelled(platform: PlatformWords, { headers, body }: Input): void {
  const { webhook_id, topic } = platform.labels(headers, body);
  for (const label of [webhook_id ?? "", topic ?? ""]) {
    assert.ok(Array.from(label).length <= LABEL_CHARS_MAX);
    assertHarmless(label);
  }
}

/**
 * A reading may hold each of the body's letters as an item's name of its own: its form costs some 100 letters for
 * each of the 500 items that are read, 25 for each option.
 */
const READING_CHARS_MAX = (bodyBytes: number): number => 16 * bodyBytes + 100_000;

function assertRead(platform: PlatformWords, body: Buffer, store: StoreSettings): void {
  const before = createHash("sha1").update(body).digest("hex");
  const reading = platform.read(body, store);
  const order = platform.readOrder(body, store);
  assert.equal(createHash("sha1").update(body).digest("hex"), before, "the body was changed");
  switch (reading.kind) {
    case "cancellation":
      canonical.parse(reading.cancellation);
      assert.deepEqual(order, { cancellation: reading.cancellation, cancelled: true });
      break;
    case "ignored":
      assert.ok(order !== null && !order.cancelled, "an order that is ignored can still be read");
      canonical.parse(order.cancellation);
      break;
    case "erasure":
      assert.equal(platform.name, "shopline", "no other platform is known to ask for it");
      assert.equal(order, null, "an order never erases anything");
      assertSubject(reading.subject, store);
      break;
    case "quarantined":
      assert.ok(order?.cancelled !== true, "what is not understood is not cancelled");
      break;
  }
  for (const told of [reading, order]) {
    assertHarmless(told);
    assertUnpolluted(told);
    assert.ok(JSON.stringify(told).length <= READING_CHARS_MAX(body.length), "the reading is out of bounds");
  }
}

/** It is this store's, and says whom: all, or somebody that can be told from others. */
function assertSubject(subject: ErasureSubject, store: StoreSettings): void {
  const { everything, orders, phone, email, customer_id } = subject;
  assert.equal(subject.store, store.name);
  assert.equal(everything, orders.length === 0 && (phone ?? email ?? customer_id) === null);
  for (const order of orders) assert.ok(order.replace(/^#/, "").length > 0);
  assert.equal(subjectProblem(subject), null, "the ledger would not take it");
  assert.ok(phone === null || phone.replace(/[^0-9]/g, "").length >= 7, "a number that many have");
  assert.ok(email === null || email.includes("@"), "a word that is a field's");
}

/** The shop of the fixtures that ask for something to be erased; in an order it is read for nothing. */
const ERASING_SHOP = "160943274324";

function webhookTarget(name: PlatformName): FuzzTarget {
  const platform = PLATFORMS[name];
  const hash = createHash("sha256").update(TOKEN).digest("hex");
  const store = aStore({ platform: name, secrets: [SECRET], token_hashes: [hash], shop_id: "1644828244663" });
  return target({
    name: `webhook-${name}`,
    input: inputOf(name),
    runs: 200,
    hold(input) {
      assertVerified(name, input, store);
      assertLabelled(platform, input);
      const wrong = platform.verifyShop(input, store);
      assert.ok(wrong === null || wrong.why === "wrong_shop");
      assertRead(platform, input.body, { ...store, shop_id: ERASING_SHOP });
    },
  });
}

/** What each store system sends: authentic or not, understood or not. */
export const webhookTargets = PLATFORM_NAMES.map(webhookTarget);
