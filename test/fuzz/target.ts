import assert from "node:assert/strict";
import type fc from "fast-check";
import { FORBIDDEN } from "../slip/arbitrary-ticket.ts";

/** One reader of strangers' input, and what it promises of every input. */
export interface FuzzTarget<Input = unknown> {
  name: string;
  input: fc.Arbitrary<Input>;
  /** Runs in `npm test`; `npm run fuzz` makes as many as it is told. */
  runs: number;
  /** Throws when a promise is broken. Every run must pass through here alone: no clock, no file, no network. */
  readonly hold: (input: Input) => void;
}

/** Keeps the input's type between `input` and `hold`; in a list of targets it no longer matters. */
export function target<Input>(one: FuzzTarget<Input>): FuzzTarget {
  return one as FuzzTarget;
}

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype];
const UNTOUCHED = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length);

/** Nothing was put into what every object inherits, and no part of the value inherits from elsewhere. */
export function assertUnpolluted(value: unknown): void {
  assert.deepEqual(
    PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length),
    UNTOUCHED,
    "a prototype that everything inherits was changed",
  );
  const rest: unknown[] = [value];
  for (let part = rest.pop(); part !== undefined || rest.length > 0; part = rest.pop()) {
    if (typeof part !== "object" || part === null) continue;
    const prototype: unknown = Object.getPrototypeOf(part);
    assert.ok(
      prototype === (Array.isArray(part) ? Array.prototype : Object.prototype),
      "a foreign prototype",
    );
    for (const inner of Object.values(part)) rest.push(inner);
  }
}

/** Every text anywhere in a value, keys too. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    Array.isArray(value) ? textsIn(inner) : [key, ...textsIn(inner)],
  );
}

/** Nothing in it, on one line, that moves a printer or a terminal, or that cannot be sent. */
export function assertHarmless(value: unknown): void {
  for (const text of textsIn(value)) {
    assert.ok(
      !FORBIDDEN.test(text) && !text.includes("\n"),
      `moves a printer or a terminal: ${JSON.stringify(text)}`,
    );
  }
}
