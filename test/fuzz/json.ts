import assert from "node:assert/strict";
import { JSON_DEPTH_MAX, parseJson } from "../../src/core/json.ts";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { bytesOf } from "./bytes.ts";
import { documentsOf } from "./fixtures.ts";
import { mutated } from "./mutate.ts";
import { assertUnpolluted, target } from "./target.ts";

type Outcome = { value: unknown } | { error: unknown };

function outcomeOf(parse: (text: string) => unknown, text: string): Outcome {
  try {
    return { value: parse(text) };
  } catch (error) {
    return { error };
  }
}

/** How deep brackets open in a text that is JSON; a value's own depth may be less, where a key stands twice. */
function depthOf(json: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of json.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** The same value, but for integers that a double would not keep: they are their digits, as text. */
function assertSame(read: unknown, plain: unknown): void {
  if (typeof plain === "number" && !Number.isSafeInteger(plain) && typeof read === "string") {
    assert.match(read, /^-?\d+$/);
    assert.equal(Number(read), plain);
    return;
  }
  if (typeof plain !== "object" || plain === null) return assert.ok(Object.is(read, plain));
  assert.ok(typeof read === "object" && read !== null && Array.isArray(read) === Array.isArray(plain));
  const keys = Object.keys(plain);
  assert.deepEqual(Object.keys(read), keys);
  for (const key of keys) {
    assertSame((read as Record<string, unknown>)[key], (plain as Record<string, unknown>)[key]);
  }
}

/** The reader of strangers' JSON, held against the engine's own. */
export const jsonTarget = target({
  name: "json",
  input: bytesOf(mutated(PLATFORM_NAMES.flatMap(documentsOf))),
  runs: 250,
  hold(bytes) {
    const text = bytes.toString("utf8");
    const ours = outcomeOf(parseJson, text);
    if ("error" in ours && ours.error instanceof RangeError) {
      assert.ok((text.match(/[[{]/g) ?? []).length > JSON_DEPTH_MAX);
      const plain = outcomeOf(JSON.parse, text);
      if ("value" in plain) assert.ok(depthOf(text) > JSON_DEPTH_MAX);
      return;
    }
    const plain = outcomeOf(JSON.parse, text);
    if ("error" in ours) {
      assert.ok(ours.error instanceof SyntaxError);
      assert.ok("error" in plain, "what is JSON was refused");
      return;
    }
    assert.ok("value" in plain, "what is no JSON was read");
    assert.ok(depthOf(text) <= JSON_DEPTH_MAX);
    assertSame(ours.value, plain.value);
    assertUnpolluted(ours.value);
  },
});
