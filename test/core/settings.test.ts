import { describe, expect, test } from "vitest";
import { applyFileSchema, needsVerifying, storeSettingsOf } from "../../src/core/settings.ts";

const PRINTER = { name: "kitchen", api_key: "key" };
const TOKEN = "T".repeat(32);

function problems(file: unknown): string[] {
  const parsed = applyFileSchema.safeParse(file);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

test("the contract's defaults", () => {
  const { printers } = applyFileSchema.parse({ printers: [PRINTER] });
  expect(printers[0]).toEqual({
    name: "kitchen",
    api_key: "key",
    secret_key: "",
    sign: { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" },
    time_zone: "UTC",
    language: "en",
    columns: 32,
    order_txt: "plain",
    endpoint: "cancelorder",
    created_key: "both",
    customer: "full",
    confirm_within_s: 600,
    useful_for_s: 86_400,
    success: ["0", "1", "200", "ok", "success", "true"],
  });
});

test("bug: spans of less than a minute were refused, though the contract names seconds and no least", () => {
  const printer = { ...PRINTER, confirm_within_s: 2, useful_for_s: 5 };
  const store = {
    name: "a",
    platform: "shopline",
    printer: "kitchen",
    secrets: ["s"],
    ignore_older_than_s: 1,
  };
  expect(problems({ printers: [printer], stores: [store] })).toEqual([]);
  expect(problems({ printers: [{ ...PRINTER, confirm_within_s: 0 }] })).toHaveLength(1);
  expect(problems({ printers: [{ ...PRINTER, useful_for_s: 0 }] })).toHaveLength(1);
  expect(problems({ stores: [{ ...store, ignore_older_than_s: 0 }] })).toHaveLength(1);
});

test.each(["key\n", "key\r", " key", "key ", "ke\ty", "\u0000"])(
  "bug: a key or secret that a YAML block or Windows' line ends had made %j was stored, and verified nothing",
  (text) => {
    const api = { url: "https://a.myshopline.com", token: text };
    const store = { name: "a", platform: "shopline", printer: "kitchen", secrets: [text], api };
    const wrong = "begins or ends with a blank, or has a line break: take it out";
    expect(
      problems({ printers: [{ ...PRINTER, api_key: text, secret_key: text }], stores: [store] }),
    ).toEqual([
      `printers.0.api_key: ${wrong}`,
      `printers.0.secret_key: ${wrong}`,
      `stores.0.secrets.0.secret: ${wrong}`,
      `stores.0.api.token: ${wrong}`,
    ]);
  },
);

describe("bug: ${NAME} from the environment is text, and was refused where a field is none", () => {
  const store = { name: "a", platform: "fastpod", printer: "kitchen", tokens: [TOKEN] };
  test("numbers, booleans and null are read out of their text", () => {
    const texts = { confirm_within_s: "120", useful_for_s: "3600", columns: "48" };
    const { printers, stores } = applyFileSchema.parse({
      printers: [{ ...PRINTER, ...texts }],
      stores: [{ ...store, trust_body: "true", ignore_older_than_s: "60" }],
    });
    expect(printers[0]).toMatchObject({ confirm_within_s: 120, useful_for_s: 3600, columns: 48 });
    expect(stores[0]).toMatchObject({ trust_body: true, ignore_older_than_s: 60 });
    const until = { token: TOKEN, valid_until: "null" };
    const none = { ...store, tokens: [until], ignore_older_than_s: "null", trust_body: true };
    expect(applyFileSchema.parse({ stores: [none] }).stores[0]).toMatchObject({
      ignore_older_than_s: null,
      tokens: [{ valid_until: null }],
    });
  });

  test("text that is none of these is refused as text", () => {
    for (const text of ["", " ", "0x50", "1e2", "60.0", "-1", "+60", "true", "null"]) {
      for (const field of ["confirm_within_s", "useful_for_s", "columns"]) {
        expect(problems({ printers: [{ ...PRINTER, [field]: text }] }), `${field} ${text}`).toHaveLength(1);
      }
    }
    for (const text of ["", "1", "yes", "True", "null"]) {
      expect(problems({ stores: [{ ...store, trust_body: text }] }).join()).toContain("trust_body");
    }
    expect(problems({ printers: [{ ...PRINTER, useful_for_s: "2592001" }] })).toHaveLength(1);
  });

  test("what is text stays text, however it looks", () => {
    const { printers, stores } = applyFileSchema.parse({
      printers: [{ ...PRINTER, api_key: "0123", secret_key: "true" }],
      stores: [
        { name: "b", platform: "shopline", printer: "k", secrets: ["null", "12"], shop_id: "1644828244663" },
      ],
    });
    expect(printers[0]).toMatchObject({ api_key: "0123", secret_key: "true" });
    expect(stores[0]).toMatchObject({
      secrets: [{ secret: "null" }, { secret: "12" }],
      shop_id: "1644828244663",
    });
  });
});

test("bug: `api: null` was refused, though it says only that there is none", () => {
  for (const platform of ["shopline", "shoplazza", "fastpod"]) {
    const more = platform === "fastpod" ? { tokens: [TOKEN], trust_body: true } : {};
    const file = { stores: [{ name: "a", platform, printer: "k", api: null, ...more }] };
    expect(storeSettingsOf(applyFileSchema.parse(file).stores[0]!, String).api).toBeNull();
  }
  const unproven = { name: "a", platform: "fastpod", printer: "k", api: null, tokens: [TOKEN] };
  expect(problems({ stores: [unproven] }).join()).toContain("stores.0.api: is missing");
});

test.each(["+08:00", "-05:00", "+0800", "+08"])("bug: %s was taken as a time zone", (time_zone) => {
  expect(problems({ printers: [{ ...PRINTER, time_zone }] })).toEqual([
    "printers.0.time_zone: an offset is no IANA time zone: name the place, such as Asia/Taipei",
  ]);
});

describe("what is refused, with words that help", () => {
  test.each([
    [{ printers: [{ ...PRINTER, name: "Kitchen 1" }] }, "printers.0.name"],
    [
      { printers: [{ ...PRINTER, time_zone: "Mars/Olympus" }] },
      "printers.0.time_zone: not an IANA time zone",
    ],
    [{ printers: [{ ...PRINTER, columns: 33 }] }, "printers.0.columns: must be 30, 32, 42 or 48"],
    [
      { printers: [{ ...PRINTER, sign: { template: "{password}" } }] },
      "printers.0.sign.template: may hold only {api_key}",
    ],
    [
      { printers: [{ ...PRINTER, language: "nl-NL" }] },
      "printers.0.language: must be a language tag such as zh-TW, of one of " +
        "en, zh-Hant, zh-Hans, ja, ko, th, vi, ms, es, fr, de, pt",
    ],
    [{ printers: [{ ...PRINTER, language: "" }] }, "printers.0.language: must be a language tag"],
    [{ printers: [{ ...PRINTER, language: ["en"] }] }, "printers.0.language: must be a language tag"],
    [{ printers: [{ ...PRINTER, language: null }] }, "printers.0.language: must be a language tag"],
    [{ printers: [PRINTER, PRINTER] }, 'printers: "kitchen" is named twice'],
    [{ printers: [{ ...PRINTER, colums: 32 }] }, 'printers.0: Unrecognized key: "colums"'],
    [
      { stores: [{ name: "a", platform: "fastpod", printer: "p", tokens: ["short"], trust_body: true }] },
      "stores.0.tokens.0",
    ],
    [
      { stores: [{ name: "a", platform: "fastpod", printer: "p", tokens: [TOKEN] }] },
      "stores.0.api: is missing",
    ],
    [
      {
        stores: [
          { name: "a", platform: "shopline", printer: "p", api: { url: "http://shop.example", token: "t" } },
        ],
      },
      "stores.0.api.url: must be https",
    ],
    [{ stores: [{ name: "a", platform: "shopify", printer: "p" }] }, "stores.0.platform"],
  ])("%j", (file, expected) => {
    expect(problems(file).join("\n")).toContain(expected);
  });
});

test.each([
  ["zh-TW", "zh-Hant"],
  ["zh_CN", "zh-Hans"],
  ["EN-gb", "en"],
  ["pt-BR", "pt"],
  ["zh-Hant", "zh-Hant"],
])("a printer set to %s holds the language we have: %s", (language, held) => {
  const { printers } = applyFileSchema.parse({ printers: [{ ...PRINTER, language }] });
  expect(printers[0]?.language).toBe(held);
});

test("a FastPOD store keeps only hashes of its tokens and must be verified", () => {
  const api = { url: "https://api-v2.fastpod.net", token: "t" };
  const file = {
    stores: [{ name: "tee-shop", platform: "fastpod", printer: "kitchen", tokens: [TOKEN], api }],
  };
  const [parsed] = applyFileSchema.parse(file).stores;
  const store = storeSettingsOf(parsed!, (token) => `hash of ${String(token.length)}`);
  expect(store).toMatchObject({
    token_hashes: ["hash of 32"],
    currency: "USD",
    test_orders: "ignore",
    secrets: [],
  });
  expect(JSON.stringify(store)).not.toContain(TOKEN);
  expect(needsVerifying(store)).toBe(true);
  expect(needsVerifying({ ...store, trust_body: true })).toBe(false);
});
