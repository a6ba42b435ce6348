import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { z } from "zod";
import { HTTPS_OR_LOOPBACK, isHttpsOrLoopback, isLoopback } from "./core/address.ts";
import { databaseProblem } from "./core/ledger-place.ts";

/**
 * The settings of the process (CONTRACT, "Settings"): read once, at the start, from the environment and, for
 * what is not set there, from `.env`. Unknown `RELAY_*` names and bad values are told together, in one message.
 */
const ALERT_FORMATS = ["standard", "slack"] as const;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const TOKEN_CHARS_MIN = 32;
const KEY_BYTES = 32;
const PREVIOUS_KEYS_MAX = 8;
const PORT_MAX = 65_535;
const PROXIES_MAX = 10;

const httpUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    "must be an http or https address",
  )
  .refine((text) => !/[?#]|[^:]\/\/./.test(text), "must be a base: without ?, # and empty parts of its path")
  .transform((text) => text.replace(/\/+$/, ""));

const token = z.string().min(TOKEN_CHARS_MIN, `must have at least ${TOKEN_CHARS_MIN} characters`);

const EVERY_S_MIN = 10;
const EVERY_S_MAX = 7 * 86_400;

/** One message for a word, a fraction and a number out of bounds: each is told what would do. */
function number(isMeant: (value: number) => boolean, message: string): z.ZodCoercedNumber {
  return z.coerce.number(message).refine((value) => Number.isInteger(value) && isMeant(value), message);
}

function whole(min: number, max: number): z.ZodCoercedNumber {
  return number((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
}

/** Seconds between two rounds; 0: there are none. */
function everyS(): z.ZodCoercedNumber {
  return number(
    (seconds) => seconds === 0 || (seconds >= EVERY_S_MIN && seconds <= EVERY_S_MAX),
    `must be 0, or a whole number from ${EVERY_S_MIN} to ${EVERY_S_MAX}`,
  );
}

export const configSchema = z.object({
  RELAY_DATABASE: z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const message = databaseProblem(text);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .default("data/relay.db")
    .describe("path of the SQLite ledger, or the postgres:// address of a database"),
  RELAY_HOST: z.string().min(1).default("127.0.0.1").describe("address to listen on"),
  RELAY_PORT: whole(0, PORT_MAX).default(8080).describe("port to listen on; 0 takes a free one"),
  RELAY_PUBLIC_URL: httpUrl
    .default("http://127.0.0.1:8080")
    .describe("base of webhook and callback addresses"),
  RELAY_ADMIN_TOKEN: token.optional().describe("operators' token, 32 characters or more"),
  RELAY_VIEWER_TOKEN: token.optional().describe("a second token that reads and never acts"),
  RELAY_ENCRYPTION_KEY: z
    .string()
    .refine((text) => decodeKey(text) !== null, "must be 32 bytes, as base64 or hex")
    .optional()
    .describe("32 bytes, base64 or hex: encrypts stored secrets"),
  RELAY_ENCRYPTION_KEY_PREVIOUS: z
    .string()
    .refine(
      (text) => text.split(",").length <= PREVIOUS_KEYS_MAX && decodeKeys(text).every((key) => key !== null),
      `must be at most ${PREVIOUS_KEYS_MAX} keys with commas between them, each 32 bytes, as base64 or hex`,
    )
    .optional()
    .describe("keys of before, with commas: they open what they sealed, until relay keys rotate is done"),
  GOODCOM_URL: httpUrl
    .refine(isHttpsOrLoopback, HTTPS_OR_LOOPBACK)
    .default("https://app.gcanyapps.com")
    .describe("base of the printer cloud"),
  RELAY_ALERT_URL: httpUrl
    .refine(isHttpsOrLoopback, HTTPS_OR_LOOPBACK)
    .optional()
    .describe("where alerts go"),
  RELAY_ALERT_SECRET: z
    .string()
    .regex(/^(whsec_)?[A-Za-z0-9+/]{32,88}={0,2}$/, "must be whsec_ and 24 to 64 bytes in base64")
    .optional()
    .describe("signs alerts by Standard Webhooks"),
  RELAY_ALERT_FORMAT: z
    .enum(ALERT_FORMATS)
    .default("standard")
    .describe("standard, or slack for what takes Slack's incoming webhooks"),
  RELAY_OTLP_URL: httpUrl
    .refine(isHttpsOrLoopback, HTTPS_OR_LOOPBACK)
    .optional()
    .describe("OpenTelemetry collector (OTLP/HTTP) for traces"),
  RELAY_RECONCILE_EVERY_S: everyS()
    .default(600)
    .describe("how often stores are asked for cancellations that no webhook brought; 0: never"),
  RELAY_WATCH_EVERY_S: everyS()
    .default(900)
    .describe("how often stores are asked whether their webhook subscription is still there; 0: never"),
  RELAY_TRUST_PROXY: whole(0, PROXIES_MAX).default(0).describe("how many proxies set X-Forwarded-For"),
  RELAY_LOG_LEVEL: z.enum(LOG_LEVELS).default("info").describe("pino level"),
});

type Values = z.infer<typeof configSchema>;
export type SettingName = keyof Values;
export const SETTING_NAMES = Object.keys(configSchema.shape) as SettingName[];
const SECRET_NAMES: readonly SettingName[] = [
  "RELAY_ADMIN_TOKEN",
  "RELAY_VIEWER_TOKEN",
  "RELAY_ENCRYPTION_KEY",
  "RELAY_ENCRYPTION_KEY_PREVIOUS",
  "RELAY_ALERT_SECRET",
];

export type Source = "environment" | ".env" | "default";

export interface Config {
  values: Values;
  sources: Record<SettingName, Source>;
}

/** Bad settings: the message lists every one of them. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`bad settings: ${problems.join("; ")}`);
    this.name = "ConfigError";
  }
}

/**
 * @param environment the process's own; what it sets wins
 * @param envFile path of the development settings file; skipped where there is none, and with NODE_ENV=production
 * @throws ConfigError naming every unknown and every bad setting
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  envFile = ".env",
): Config {
  const isDevelopment = environment.NODE_ENV !== "production";
  const fromFile = isDevelopment && existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
  const given = new Map<string, { text: string; source: Source }>();
  for (const [name, text] of Object.entries(fromFile)) if (text) given.set(name, { text, source: ".env" });
  // An empty variable is an unset one: compose files pass `NAME=` for what nobody filled in.
  for (const [name, text] of Object.entries(environment))
    if (text) given.set(name, { text, source: "environment" });

  const problems = [...given.keys()]
    .filter(isUnknown)
    .map((name) => `${name} is not a setting${nearest(name)}`);
  const texts = Object.fromEntries(SETTING_NAMES.map((name) => [name, given.get(name)?.text]));
  const parsed = configSchema.safeParse(texts);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`));
  }
  if (parsed.success) problems.push(...crossProblems(parsed.data));
  // Node takes exactly this for "no certificate is checked", of alerts, traces and whatever calls out next.
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    problems.push(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 has no certificate checked: unset it, and name a CA of your own in NODE_EXTRA_CA_CERTS",
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  // The default public address is where the relay listens on this machine, also on another port.
  const values = parsed.data;
  if (!given.has("RELAY_PUBLIC_URL")) values.RELAY_PUBLIC_URL = `http://127.0.0.1:${values.RELAY_PORT}`;
  const sources = SETTING_NAMES.map((name) => [name, given.get(name)?.source ?? "default"]);
  return { values, sources: Object.fromEntries(sources) as Record<SettingName, Source> };
}

function isUnknown(name: string): boolean {
  const ours = name.startsWith("RELAY_") || name.startsWith("GOODCOM_URL");
  return ours && !(SETTING_NAMES as string[]).includes(name);
}

function nearest(name: string): string {
  const candidate = SETTING_NAMES.find((known) => known.slice(0, 9) === name.slice(0, 9));
  return candidate === undefined ? "" : ` (did you mean ${candidate}?)`;
}

function crossProblems(values: Values): string[] {
  const problems: string[] = [];
  const isSigned = values.RELAY_ALERT_FORMAT === "standard";
  if (values.RELAY_ALERT_URL !== undefined && isSigned && values.RELAY_ALERT_SECRET === undefined) {
    problems.push(
      "RELAY_ALERT_SECRET is missing: alerts are signed, so RELAY_ALERT_URL needs it, unless RELAY_ALERT_FORMAT is slack",
    );
  }
  if (values.RELAY_VIEWER_TOKEN !== undefined && values.RELAY_VIEWER_TOKEN === values.RELAY_ADMIN_TOKEN) {
    problems.push("RELAY_VIEWER_TOKEN must differ from RELAY_ADMIN_TOKEN");
  }
  if (values.RELAY_ENCRYPTION_KEY_PREVIOUS !== undefined && values.RELAY_ENCRYPTION_KEY === undefined) {
    problems.push(
      "RELAY_ENCRYPTION_KEY_PREVIOUS needs RELAY_ENCRYPTION_KEY, the current key; without that the key file has " +
        "the current key and the older ones, one on each line",
    );
  }
  return problems;
}

/** Whether the service may make its own admin token: only when nobody else can reach it. */
export function listensOnLoopback(config: Config): boolean {
  return isLoopback(config.values.RELAY_HOST);
}

/** Where alerts go, and in which form; null: nowhere. */
export function alertAddress({ values }: Config): {
  url: string;
  format: Values["RELAY_ALERT_FORMAT"];
  secret: string | null;
} | null {
  const { RELAY_ALERT_URL: url, RELAY_ALERT_FORMAT: format, RELAY_ALERT_SECRET: secret = null } = values;
  return url === undefined ? null : { url, format, secret };
}

/** The keys that the environment gives, 32 bytes each, the current one first; none: the key file has them. */
export function givenKeys({ values }: Config): Buffer[] {
  const { RELAY_ENCRYPTION_KEY: current = "", RELAY_ENCRYPTION_KEY_PREVIOUS: previous = "" } = values;
  return [decodeKey(current), ...decodeKeys(previous)].filter((key) => key !== null);
}

function decodeKeys(text: string): (Buffer | null)[] {
  return text.split(",").map((one) => decodeKey(one.trim()));
}

/** @returns 32 bytes, or null when the text is not that */
export function decodeKey(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  const bytes = Buffer.from(text, "base64");
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && bytes.length === KEY_BYTES ? bytes : null;
}

/** The settings as `relay config` prints them: secrets only as "set". */
export function describeConfig(config: Config): { name: SettingName; value: string; source: Source }[] {
  return SETTING_NAMES.map((name) => {
    const value = config.values[name];
    const shown = value === undefined ? "" : shownValue(name, String(value));
    return { name, value: shown, source: config.sources[name] };
  });
}

function shownValue(name: SettingName, value: string): string {
  if (SECRET_NAMES.includes(name)) return "********";
  // Slack's address is its own key.
  if (name === "RELAY_ALERT_URL") return `${new URL(value).origin}/********`;
  return withoutPassword(value);
}

function withoutPassword(text: string): string {
  return text.replace(/(\/\/[^/:@]*:)[^/@]*@/, "$1********@");
}
