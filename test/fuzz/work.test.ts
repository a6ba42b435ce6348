import { Session } from "node:inspector/promises";
import { afterAll, beforeAll, expect, test } from "vitest";

/**
 * Time bounds without a clock: the engine counts how often each block of our own source is run. What runs inside
 * the engine (regular expressions, its JSON parser) is not counted; a hang there is what fuzz.ts watches for.
 */
const session = new Session();
const SMALL = 30_000;
const FACTOR = 4;

beforeAll(async () => {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
});
afterAll(() => session.disconnect());

async function blocksRunBy(task: () => void): Promise<number> {
  await session.post("Profiler.takePreciseCoverage");
  task();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const own = result.filter(({ url }) => /\/src\/[^?]*\.ts/.test(url) && !url.includes("node_modules"));
  const ranges = own.flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

/** Modules that were loaded before the counting began are not counted: so they are loaded here. */
async function readers() {
  const { PLATFORMS } = await import("./tickets.ts");
  const { readCallback } = await import("../../src/goodcom/callback.ts");
  const { aStore } = await import("../platforms/a-store.ts");
  const callback = (body: Buffer) => readCallback({ method: "POST", query: "", content_type: null, body });
  const store = aStore({ currency: "USD" });
  return {
    ...Object.fromEntries(
      Object.entries(PLATFORMS).map(([name, { read }]) => [name, (body: Buffer) => read(body, store)]),
    ),
    callback,
  };
}

const BODIES: Record<string, (bytes: number) => string> = {
  "one long text": (bytes) => `{"id":1,"status":"cancelled","note":"${"麵".repeat(bytes / 3)}"}`,
  "controls alone": (bytes) => `{"id":1,"status":"cancelled","note":"${"\\u202e".repeat(bytes / 6)}"}`,
  "a list of items": (bytes) =>
    `{"id":1,"status":"cancelled","line_items":[${'{"price":"1","n":2},'.repeat(bytes / 20)}{}]}`,
  "a list of options": (bytes) =>
    `{"id":1,"status":"cancelled","line_items":[{"properties":[${'{"value":"b"},'.repeat(bytes / 14)}{}]}]}`,
  keys: (bytes) =>
    `{"id":1,"status":"cancelled","note_attributes":{${Array.from({ length: bytes / 14 }, (_, i) => `"k${i}":"v",`).join("")}"z":1}}`,
  "long numbers": (bytes) =>
    `{"id":1,"status":"cancelled","n":[${"12345678901234567890,".repeat(bytes / 21)}1]}`,
  "brackets that never close": (bytes) => "[".repeat(bytes),
  "a form": (bytes) => "status=1&".repeat(bytes / 9),
};

test.each(Object.keys(BODIES))("%s: four times the bytes are at most four times the work", async (name) => {
  for (const [reader, read] of Object.entries(await readers())) {
    const body = (bytes: number) => Buffer.from(BODIES[name]!(bytes));
    const [small, large] = [body(SMALL), body(SMALL * FACTOR)];
    // Loads and compiles what is loaded and compiled once. Another body: the one read last is known (platforms/body.ts).
    read(Buffer.from(small));
    const few = await blocksRunBy(() => void read(small));
    const many = await blocksRunBy(() => void read(large));
    expect(few, `${reader} ran nothing of ours`).toBeGreaterThan(0);
    expect(many, reader).toBeLessThanOrEqual(few * FACTOR * 1.1 + 1000);
    // Per byte: the JSON reader's look at each character, and as much again.
    expect(many, reader).toBeLessThanOrEqual(large.length * 12 + 200_000);
  }
});

test("a slip of 10,000 items is no more work than one of 1,000", async () => {
  const { composeOrder } = await import("../../src/goodcom/order.ts");
  const { printerSchema } = await import("../../src/core/settings.ts");
  const { item, MARKS, noodles } = await import("../golden/tickets.ts");
  const printer = printerSchema.parse({ name: "kitchen", api_key: "key" });
  const compose = (count: number) => {
    const items = Array.from({ length: count }, () => item("麵".repeat(500), { quantity: "1" }));
    const ticket = {
      ...noodles,
      items,
      merchant_note: "x".repeat(count),
      buyer_note: "\u202e".repeat(count),
    };
    return () => void composeOrder(ticket, MARKS, printer);
  };
  compose(1000)();
  const few = await blocksRunBy(compose(1000));
  const many = await blocksRunBy(compose(10_000));
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(few * 1.1);
});
