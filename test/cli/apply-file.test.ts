import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseApplyText, readApplyFile } from "../../src/cli/apply-file.ts";

const env = { GOODCOM_API_KEY: "key-from-env" };
const TOKEN = "tttttttttttttttttttttttttttttttt";

function problem(text: string): string {
  try {
    parseApplyText(text, "shop.yaml", env);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "no problem";
}

describe("the apply file", () => {
  test("YAML with a value from the environment", () => {
    const file = parseApplyText(
      "printers:\n  - name: kitchen # the one at the back\n    api_key: ${GOODCOM_API_KEY}\n    columns: 42\n",
      "shop.yaml",
      env,
    );
    expect(file.printers[0]).toMatchObject({ name: "kitchen", api_key: "key-from-env", columns: 42 });
    expect(file.stores).toEqual([]);
  });

  test("JSON says the same", () => {
    const text =
      '{"stores":[{"name":"tee","platform":"fastpod","printer":"kitchen","tokens":["' + TOKEN + '"],';
    const file = parseApplyText(`${text}"trust_body":true}]}`, "shop.json", env);
    expect(file.stores[0]).toMatchObject({ name: "tee", trust_body: true, currency: "USD" });
  });

  test("an empty file names nothing", () => {
    expect(parseApplyText("", "shop.yaml", env)).toEqual({ printers: [], stores: [] });
  });

  test.each(["", "# nothing yet\n", "---\n", "{}"])(
    "bug: with --prune an empty file (%j) deleted every printer and store",
    (text) => {
      expect(() => parseApplyText(text, "shop.yaml", env, true)).toThrow(
        "shop.yaml is empty: --prune would delete every printer and store; if that is meant, write printers: [] and stores: []",
      );
      const none = parseApplyText("printers: []\nstores: []\n", "shop.yaml", env, true);
      expect(none).toEqual({ printers: [], stores: [] });
    },
  );

  test("a key that its map has already is told with its place, in YAML and in JSON", () => {
    expect(problem("printers: []\nstores: []\nprinters: []\n")).toBe(
      "shop.yaml, line 3, column 1: not valid YAML or JSON (duplicate key)",
    );
    expect(problem('{"stores": [{"name": "a", "printer": "k", "name": "b"}]}')).toBe(
      "shop.yaml, line 1, column 43: not valid YAML or JSON (duplicate key)",
    );
    // A name in one map may stand in another.
    expect(problem("stores:\n  - { name: a }\n  - { name: a }\n")).not.toContain("duplicate key");
  });

  test("bug: of several documents all but the first were left out without a word, and --prune deleted what they name", () => {
    expect(problem("printers: []\n---\nstores: []\n")).toBe(
      "shop.yaml, line 2, column 1: not valid YAML or JSON (multiple docs); " +
        "put all printers and stores into one, without --- between them",
    );
    expect(parseApplyText("---\nprinters: []\n", "shop.yaml", env).printers).toEqual([]);
  });

  test.each([
    ["Latin-1", Buffer.from("printers: [{ name: kitchen, api_key: Schlüssel }]", "latin1")],
    ["UTF-16", Buffer.from("\ufeffprinters: [{ name: kitchen, api_key: key }]", "utf16le")],
  ])("bug: a file in %s was read as UTF-8, and its secrets stored as other ones", async (_, bytes) => {
    const folder = mkdtempSync(join(tmpdir(), "relay-apply-"));
    const path = join(folder, "shop.yaml");
    writeFileSync(path, bytes);
    await expect(readApplyFile(path, {}, false)).rejects.toThrow(
      `${path} is not UTF-8: save it with that encoding, and apply it again`,
    );
    rmSync(folder, { recursive: true });
  });

  test("a file full of keys is refused as soon as it is read, not after comparing each with each", () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `key${index}:\n`).join("");
    expect(problem(keys)).toContain("Unrecognized keys");
    expect(problem(`${keys}key59999:\n`)).toContain("line 60001, column 1");
  }, 20_000);

  test("every problem with its place, in one message", () => {
    const text = [
      "stores:",
      "  - { name: tee, platform: fastpod, printer: kitchen, tokens: [short], trust_body: true }",
      "  - { name: Bad Name, platform: shopline, printer: kitchen, sercets: [x] }",
    ].join("\n");
    expect(problem(text)).toBe(
      "shop.yaml is not applied: stores[0].tokens[0].token: must be 32 to 200 url-safe characters (A-Z a-z 0-9 _ -); " +
        "stores[1].name: 1 to 64 of a-z, 0-9 and -, not starting or ending with -; " +
        'stores[1]: Unrecognized key: "sercets"',
    );
  });

  test("what is missing, what lacks its quotes, what is no platform", () => {
    expect(problem("stores:\n  - { name: tee, platform: fastpod, printer: k, trust_body: true }")).toBe(
      "shop.yaml is not applied: stores[0].tokens: expected array, and it is missing",
    );
    expect(problem("stores:\n  - { name: n, platform: shopline, printer: k, shop_id: 1644828244663 }")).toBe(
      "shop.yaml is not applied: stores[0].shop_id: expected string, received number; put it in quotes",
    );
    expect(problem("stores:\n  - { name: n, platform: shopify, printer: k }")).toBe(
      "shop.yaml is not applied: stores[0].platform: must be one of shopline, shoplazza, fastpod",
    );
  });

  test("a syntax error tells line and column, and quotes nothing of the file", () => {
    const text = 'printers:\n  - name: kitchen\n    api_key: "s3cret-that-must-not-show\n';
    expect(problem(text)).toMatch(/^shop\.yaml, line \d+, column \d+: not valid YAML or JSON \([a-z ]+\)$/);
  });

  test("bug: a number from the environment was refused as text", () => {
    const text = "printers:\n  - { name: k, api_key: '${KEY}', columns: '${COLS}' }\n    # \n";
    const block = "printers:\n  - name: k\n    api_key: ${KEY}\n    confirm_within_s: ${CW}\n";
    const given = { KEY: "0123456789", COLS: "48", CW: "90" };
    expect(parseApplyText(text, "shop.yaml", given).printers[0]).toMatchObject({
      ...{ api_key: "0123456789", columns: 48 },
    });
    expect(parseApplyText(block, "shop.yaml", given).printers[0]).toMatchObject({
      ...{ api_key: "0123456789", confirm_within_s: 90 },
    });
  });

  test("bug: of a bare ${NAME} within { } or [ ] only YAML's own words were told", () => {
    for (const text of [
      "printers:\n  - { name: k, api_key: x, columns: ${COLS} }\n",
      "stores:\n  - { name: k, secrets: [${S3CRET}] }\n",
    ]) {
      expect(problem(text)).toMatch(/^shop\.yaml, line 2, column \d+: not valid YAML or JSON \([a-z ]+\); /);
      expect(problem(text)).toContain('; within { } and [ ] write "${NAME}" in quotes');
    }
    expect(problem("printers: [\n")).not.toContain("quotes");
  });

  test("a bomb of aliases is refused", () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? "a0: &a0 [x, x, x, x, x, x, x, x, x]"
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(", ")}]`,
    );
    expect(problem(levels.join("\n"))).toBe(
      "shop.yaml: too many aliases, or one that names nothing or what it stands in; write the values out",
    );
  });

  test("regression: an alias within what it names is refused, and runs out of no stack", () => {
    for (const text of ["printers: &a [*a]", "&a { printers: *a }", "a: &a { b: [1, { c: *a }] }"]) {
      expect(problem(text)).toMatch(
        /^shop\.yaml: too many aliases, or one that names nothing or what it stands in/,
      );
    }
  });

  test("regression: keys within keys are refused, and take no longer with each", () => {
    expect(problem("? ".repeat(500))).toMatch(
      /^shop\.yaml, line 1, column \d+: not valid YAML or JSON \(non string key\)$/,
    );
    expect(problem("? [printers]\n: []")).toMatch(/non string key/);
  });

  test("no message holds a value", () => {
    const text = `printers:\n  - { name: k, api_key: [s3cret], secret_key: { s3cret: s3cret } }\n`;
    const told = problem(text);
    expect(told).toContain("printers[0].api_key");
    expect(told).not.toContain("s3cret");
  });
});
