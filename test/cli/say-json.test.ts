import { expect, test } from "vitest";
import { sayJson } from "../../src/cli/cli.ts";
import { fakeCli } from "./fake-cli.ts";

test("bug: as JSON a stranger's text drove the terminal, and swapped what was read there", () => {
  const value = { body: '\u001b[2J\u009b2J\u202e"2001#"\u2066 caf\u00e9 \u{1f35c}' };
  const { cli, out } = fakeCli();
  sayJson(cli, value);
  expect(out()).toBe('{\n  "body": "\\u001b[2J\\u009b2J\\u202e\\"2001#\\"\\u2066 caf\u00e9 \u{1f35c}"\n}\n');
  expect(JSON.parse(out())).toEqual(value);
});
