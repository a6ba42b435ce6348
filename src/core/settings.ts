import { z } from "zod";
import { apiAddressProblem } from "./address.ts";
import type { PlatformName } from "./cancellation.ts";
import { endOf, expiring, orBare, validUntil, valueOf, type Expiring } from "./expiring.ts";
import { digitsOr, wordsOr } from "./from-text.ts";
import { nearestLanguage } from "./language.ts";
import { timeZone } from "./time-zone.ts";
import { toRfc3339 } from "./time.ts";

/**
 * The settings of printers and stores, as the apply file writes them (CONTRACT, "Stores and printers") and as
 * the relay holds them. Field names are the file's own, so that one spelling serves file, ledger and answers.
 */
export const LANGUAGES = [
  "en",
  "zh-Hant",
  "zh-Hans",
  "ja",
  "ko",
  "th",
  "vi",
  "ms",
  "es",
  "fr",
  "de",
  "pt",
] as const;
export type Language = (typeof LANGUAGES)[number];

export const SIGN_ALGORITHMS = ["md5", "sha1", "sha256", "hmac-sha256"] as const;
/** What a sign template may name. */
const SIGN_PLACEHOLDERS = ["api_key", "cur_time", "secret_key", "order_id"] as const;

const name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    "1 to 64 of a-z, 0-9 and -, not starting or ending with -",
  );

/** What `|` in YAML or a file with Windows' line ends leaves at the end of a secret lets it verify nothing, unseen. */
function secretText(charsMax: number) {
  return z
    .string()
    .max(charsMax)
    .refine(
      (text) => !/^\s|\s$|\p{Cc}/u.test(text),
      "begins or ends with a blank, or has a line break: take it out",
    );
}

const signSchema = z.strictObject({
  algorithm: z.enum(SIGN_ALGORITHMS).default("md5"),
  template: z
    .string()
    .max(200)
    .refine(hasKnownPlaceholders, `may hold only ${SIGN_PLACEHOLDERS.map((word) => `{${word}}`).join(" ")}`)
    .default("{api_key}{cur_time}{secret_key}"),
  case: z.enum(["lower", "upper"]).default("lower"),
});
export type SignSettings = z.infer<typeof signSchema>;

const DAY_S = 86_400;

export const printerSchema = z.strictObject({
  name,
  api_key: secretText(200).min(1, "is empty: copy it from the region's page in the Goodcom account"),
  secret_key: secretText(200).default(""),
  sign: signSchema.prefault({}),
  time_zone: timeZone.default("UTC"),
  language: z
    .preprocess(
      (tag) => (typeof tag === "string" ? nearestLanguage(tag, LANGUAGES) : tag),
      z.enum(LANGUAGES, `must be a language tag such as zh-TW, of one of ${LANGUAGES.join(", ")}`),
    )
    .default("en"),
  columns: digitsOr(
    z.union([z.literal(30), z.literal(32), z.literal(42), z.literal(48)], "must be 30, 32, 42 or 48"),
  ).default(32),
  order_txt: z.enum(["plain", "markup", "off"]).default("plain"),
  endpoint: z.enum(["cancelorder", "submitorder", "cancel_then_submit"]).default("cancelorder"),
  created_key: z.enum(["both", "Create_time", "CreateTime"]).default("both"),
  customer: z.enum(["full", "short", "none"]).default("full"),
  confirm_within_s: digitsOr(z.number().int().min(1).max(DAY_S)).default(600),
  useful_for_s: digitsOr(
    z
      .number()
      .int()
      .min(1)
      .max(30 * DAY_S),
  ).default(DAY_S),
  /** Values of a status field in the cloud's answer that mean success (facts/goodcom.md: not published). */
  success: z
    .array(z.string().min(1).max(40))
    .min(1)
    .max(20)
    .default(["0", "1", "200", "ok", "success", "true"]),
});
export type PrinterSettings = z.infer<typeof printerSchema>;

function apiSchema(platform: PlatformName) {
  const fields = z.strictObject({
    url: z.string().max(2000),
    token: secretText(2000).min(1, "is empty"),
    version: z
      .string()
      .regex(/^[\w.-]{1,40}$/)
      .optional(),
    /** The host in `url` where it is none of the platform's own. */
    allow_host: z.string().min(1, "is empty").max(300).optional(),
  });
  return fields.superRefine(({ url, allow_host }, context) => {
    const message = apiAddressProblem(platform, url, allow_host ?? null);
    if (message !== null) context.addIssue({ code: "custom", path: ["url"], message });
  });
}

const commonStore = {
  name,
  printer: name,
  order_id_from: z.enum(["id", "name"]).default("id"),
  ignore_older_than_s: wordsOr({ null: null }, digitsOr(z.number().int().min(1).nullable())).default(null),
};

export const SECRETS_MAX = 10;

// An empty secret is let in and verifies nothing (fail closed); `relay apply` and `doctor` say so.
const secretSchema = orBare("secret", z.strictObject({ secret: secretText(500), valid_until: validUntil }));

const signedStore = {
  ...commonStore,
  secrets: z.array(secretSchema).max(SECRETS_MAX).default([]),
  shop_id: z.string().min(1).max(200).optional(),
};

// Of a token that is in the ledger already only its hash is known: so it stands in for the token.
const tokenSchema = orBare(
  "token",
  z.union([
    z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), valid_until: validUntil }),
    z.strictObject({
      token: z
        .string()
        .regex(/^[A-Za-z0-9_-]{32,200}$/, "must be 32 to 200 url-safe characters (A-Z a-z 0-9 _ -)"),
      valid_until: validUntil,
    }),
  ]),
);

const fastpodStore = z
  .strictObject({
    ...commonStore,
    platform: z.literal("fastpod"),
    tokens: z.array(tokenSchema).min(1).max(SECRETS_MAX),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default("USD"),
    api: apiSchema("fastpod").nullish(),
    trust_body: wordsOr({ true: true, false: false }, z.boolean()).default(false),
    test_orders: z.enum(["ignore", "print"]).default("ignore"),
  })
  .refine((store) => store.trust_body || (store.api ?? null) !== null, {
    path: ["api"],
    error:
      "is missing: FastPOD's webhooks are unsigned, so give api.url and api.token, or set trust_body: true",
  });

export const storeSchema = z.discriminatedUnion("platform", [
  z.strictObject({ ...signedStore, platform: z.literal("shopline"), api: apiSchema("shopline").nullish() }),
  z.strictObject({
    ...signedStore,
    platform: z.literal("shoplazza"),
    api: apiSchema("shoplazza").nullish(),
  }),
  fastpodStore,
]);

export const applyFileSchema = z
  .strictObject({
    printers: z.array(printerSchema).max(10_000).default([]),
    stores: z.array(storeSchema).max(10_000).default([]),
  })
  .superRefine((file, context) => {
    for (const part of ["printers", "stores"] as const) {
      const names = file[part].map((entry) => entry.name);
      const twice = names.find((entry, index) => names.indexOf(entry) !== index);
      if (twice !== undefined)
        context.addIssue({ code: "custom", path: [part], message: `"${twice}" is named twice` });
    }
  });
export type ApplyFile = z.infer<typeof applyFileSchema>;
/** A store as a file names it, read by its schema. */
export type StoreEntry = z.infer<typeof storeSchema>;

/** A store as the relay holds it: one shape for all platforms; path tokens only as SHA-256, in hex. */
export interface StoreSettings {
  name: string;
  platform: PlatformName;
  printer: string;
  /** The newest first: with it the relay signs its own tests. */
  secrets: Expiring[];
  token_hashes: Expiring[];
  shop_id: string | null;
  api: { url: string; token: string; version: string | null; allow_host: string | null } | null;
  order_id_from: "id" | "name";
  ignore_older_than_s: number | null;
  /** Stands in where the platform's orders name no currency (FastPOD). */
  currency: string | null;
  trust_body: boolean;
  test_orders: "ignore" | "print";
}

export interface Settings {
  printers: readonly PrinterSettings[];
  stores: readonly StoreSettings[];
}

/** @param hashToken SHA-256 in hex: handed in, because core does no cryptography */
export function storeSettingsOf(store: StoreEntry, hashToken: (token: string) => string): StoreSettings {
  const own =
    store.platform === "fastpod"
      ? {
          secrets: [],
          shop_id: null,
          token_hashes: store.tokens.map((entry) =>
            expiring("hash" in entry ? entry.hash : hashToken(entry.token), entry.valid_until),
          ),
          currency: store.currency,
          trust_body: store.trust_body,
          test_orders: store.test_orders,
        }
      : {
          secrets: store.secrets.map(({ secret, valid_until }) => expiring(secret, valid_until)),
          shop_id: store.shop_id ?? null,
          token_hashes: [],
          currency: null,
          trust_body: true,
          test_orders: "print" as const,
        };
  return {
    ...own,
    name: store.name,
    platform: store.platform,
    printer: store.printer,
    order_id_from: store.order_id_from,
    ignore_older_than_s: store.ignore_older_than_s,
    api: apiSettingsOf(store.api ?? null),
  };
}

function apiSettingsOf(api: NonNullable<StoreEntry["api"]> | null): StoreSettings["api"] {
  return api === null ? null : { ...api, version: api.version ?? null, allow_host: api.allow_host ?? null };
}

/** The store as a file would write it, for the schema to read: the way back from `storeSettingsOf`. */
export function storeInput(store: StoreSettings): z.input<typeof storeSchema> {
  const { name, printer, order_id_from, ignore_older_than_s, api } = store;
  const common = {
    ...{ name, printer, order_id_from, ignore_older_than_s },
    api:
      api === null
        ? undefined
        : { ...api, version: api.version ?? undefined, allow_host: api.allow_host ?? undefined },
  };
  if (store.platform === "fastpod") {
    const { trust_body, test_orders } = store;
    const tokens = store.token_hashes.map((entry) => ({ hash: valueOf(entry), ...untilOf(entry) }));
    const currency = store.currency ?? undefined;
    return { ...common, platform: store.platform, tokens, currency, trust_body, test_orders };
  }
  const secrets = store.secrets.map((entry) => ({ secret: valueOf(entry), ...untilOf(entry) }));
  return { ...common, platform: store.platform, secrets, shop_id: store.shop_id ?? undefined };
}

function untilOf(entry: Expiring): { valid_until: string | null } {
  return { valid_until: toRfc3339(endOf(entry)) };
}

/** What makes a webhook of this store believed: secrets, or hashes of its path tokens. */
export function proofsOf(store: StoreSettings): readonly Expiring[] {
  return store.platform === "fastpod" ? store.token_hashes : store.secrets;
}

/** Whether the store's own API must be asked before anything prints: its webhooks are not signed. */
export function needsVerifying(store: StoreSettings): boolean {
  return store.platform === "fastpod" && !store.trust_body;
}

function hasKnownPlaceholders(template: string): boolean {
  const words = [...template.matchAll(/\{(\w*)\}/g)].map((match) => match[1]);
  return words.every((word) => (SIGN_PLACEHOLDERS as readonly (string | undefined)[]).includes(word));
}
