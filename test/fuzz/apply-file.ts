import assert from "node:assert/strict";
import fc from "fast-check";
import { CommandFailed } from "../../src/cli/cli.ts";
import { parseApplyText } from "../../src/cli/apply-file.ts";
import {
  printerSchema,
  storeInput,
  storeSchema,
  storeSettingsOf,
  type ApplyFile,
} from "../../src/core/settings.ts";
import { hashToken } from "../../src/platforms/signature.ts";
import { bytesOf } from "./bytes.ts";
import { mutated } from "./mutate.ts";
import { assertUnpolluted, target } from "./target.ts";

/** No part of any key or word that a message may quote. */
const SECRET = "Tr0ub4dor";

const PRINTER = {
  name: "kitchen",
  api_key: "${GOODCOM_API_KEY}",
  secret_key: SECRET,
  sign: { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" },
  time_zone: "Asia/Taipei",
  language: "zh-TW",
  columns: 32,
  order_txt: "plain",
  endpoint: "cancel_then_submit",
  confirm_within_s: 600,
  success: ["0", "ok"],
};
const API = { url: "https://demo.example", token: SECRET, version: "v20250601" };
const DOCUMENTS = [
  {
    printers: [PRINTER],
    stores: [
      {
        name: "noodle-bar",
        platform: "shopline",
        printer: "kitchen",
        secrets: [SECRET, { secret: SECRET, valid_until: "2026-12-01T00:00:00Z" }],
        shop_id: "1644828244663",
        api: API,
        ignore_older_than_s: null,
      },
      {
        name: "tee-shop",
        platform: "fastpod",
        printer: "kitchen",
        tokens: [SECRET.padEnd(32, "t")],
        api: API,
      },
    ],
  },
];

/** What YAML can say and JSON cannot, and what the substitution looks for. */
const YAML_VALUES = [
  ...[
    "&a [1]",
    "*a",
    "&a [*a]",
    "&a {b: *a}",
    "[&a x, *a, *a]",
    "{<<: *a}",
    "{<<: [*a, *a]}",
    "? [x]\n: y",
    "~",
  ],
  ...[
    "!!binary aGk=",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "!!js/function x",
    "!<tag:yaml.org,2002:str> 1",
    "!!map []",
  ],
  ...[
    "|\n block",
    ">-\n folded",
    "'it''s'",
    ".inf",
    ".nan",
    "0x1F",
    "0o17",
    "1_000",
    "2001-01-01",
    "yes",
    "---",
    "...",
  ],
  ...["%YAML 1.1", "@x", "`x`", "# comment", "\t", "- - -", "{a: {a: {a: 1}, a: 2}}", "[,]", "{,}"],
  ...['"${GOODCOM_API_KEY}"', '"${MISSING}"', '"${__proto__}"', '"$${x}"', '"${"', '"${constructor}${}"'],
];

/** A hundred parts a level: as many again with every level. */
const bomb = fc.integer({ min: 1, max: 9 }).map((levels) => {
  const line = (level: number) =>
    `a${level}: &a${level} [${Array(9)
      .fill(level === 0 ? "x" : `*a${level - 1}`)
      .join(", ")}]`;
  return `${Array.from({ length: levels }, (_, level) => line(level)).join("\n")}\nprinters: *a${levels - 1}\n`;
});

const document = fc.oneof(
  { weight: 20, arbitrary: mutated(DOCUMENTS, YAML_VALUES) },
  { weight: 1, arbitrary: bomb },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom("[", "{a: ", "- ", "? ", "&a [", "!!map {a: "),
        fc.integer({ min: 100, max: 3000 }),
      )
      .map(([part, times]) => part.repeat(times)),
  },
);

const ENV = { GOODCOM_API_KEY: "key-from-env" };

/** A damaged text may make a key of what was a secret, and messages name unknown keys. */
const input = fc.oneof(
  fc.record({ text: document, whole: fc.constant(true) }),
  fc.record({
    text: document.chain((text) => bytesOf(fc.constant(text))).map((bytes) => bytes.toString("utf8")),
    whole: fc.constant(false),
  }),
);

/** A file as an operator, or whoever gave it to him, wrote it: settings, or one refusal that quotes no secret. */
export const applyFileTarget = target({
  name: "apply-file",
  input,
  runs: 200,
  hold({ text, whole }) {
    let file: ApplyFile;
    try {
      file = parseApplyText(text, "shop.yaml", ENV);
    } catch (error) {
      assert.ok(error instanceof CommandFailed, `not a refusal but ${String(error)}`);
      assert.ok(!whole || !error.message.includes(SECRET), `a secret in: ${error.message}`);
      assert.ok(error.message.length <= 2 * text.length + 4000, "the refusal is out of bounds");
      return;
    } finally {
      assertUnpolluted(null);
    }
    assertUnpolluted(file);
    assert.deepEqual(Object.keys(file).sort(), ["printers", "stores"]);
    for (const printer of file.printers) assert.deepEqual(printerSchema.parse(printer), printer);
    for (const store of file.stores) {
      const settings = storeSettingsOf(store, hashToken);
      const again = storeSettingsOf(storeSchema.parse(storeInput(settings)), hashToken);
      assert.deepEqual(again, settings, "what was read does not survive the way back");
    }
  },
});
