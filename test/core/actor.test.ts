import { expect, test } from "vitest";
import { actorOf } from "../../src/core/actor.ts";

test.each([
  ["operator", "Ana", "operator Ana"],
  ["operator", null, "operator"],
  ["cli", "  ", "cli"],
  ["operator", "\u202eanA\u0007\n<b>", "operator anA <b>"],
  ["operator", "王小明", "operator 王小明"],
] as const)("%s %j is %j", (way, name, words) => expect(actorOf(way, name)).toBe(words));

test("a long name is cut", () => expect(Array.from(actorOf("cli", "x".repeat(500)))).toHaveLength(4 + 40));
