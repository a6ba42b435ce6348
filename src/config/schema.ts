import { isIP } from "node:net";
import { z } from "zod";
import { HTTPS_OR_LOOPBACK, isHttpsOrLoopback } from "../core/address.ts";
import { databaseProblem } from "../core/ledger-place.ts";

/** Each setting of the process by itself: its form, its default, and what it is for. */
const ALERT_FORMATS = ["standard", "slack"] as const;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export const TOKEN_CHARS_MIN = 32;
const KEY_BYTES = 32;
const PREVIOUS_KEYS_MAX = 8;
const PORT_MAX = 65_535;
const PROXIES_MAX = 10;

const httpAddress = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    "must be an http or https address",
  );

/** What other paths are put behind. */
const httpBase = httpAddress
  .refine((text) => !/[?#]|[^:]\/\/./.test(text), "must be a base: without ?, # and empty parts of its path")
  .transform((text) => text.replace(/\/+$/, ""));

const token = z.string().min(TOKEN_CHARS_MIN, `must have at least ${TOKEN_CHARS_MIN} characters`);

const EVERY_S_MIN = 10;
const EVERY_S_MAX = 7 * 86_400;

/** One message for a word, a fraction and a number out of bounds: each is told what would do. */
function number(isMeant: (value: number) => boolean, message: string) {
  return (
    z
      .string()
      // Number() would take a blank as 0, 0x50 as 80 and 1e2 as 100, which nobody means.
      .regex(/^\d+$/, { error: message, abort: true })
      .transform(Number)
      .refine(isMeant, message)
  );
}

function whole(min: number, max: number) {
  return number((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
}

/** Seconds between two rounds; 0: there are none. */
function everyS() {
  return number(
    (seconds) => seconds === 0 || (seconds >= EVERY_S_MIN && seconds <= EVERY_S_MAX),
    `must be 0, or a whole number from ${EVERY_S_MIN} to ${EVERY_S_MAX}`,
  );
}

const HOST_CHARS_MAX = 253;
const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?";
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`);

function isHost(text: string): boolean {
  return isIP(text) !== 0 || (text.length <= HOST_CHARS_MAX && HOST_NAME.test(text));
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
  RELAY_HOST: z
    .string()
    .refine(isHost, "must be an IP address or a host name, without brackets and without a port")
    .default("127.0.0.1")
    .describe("address to listen on"),
  RELAY_PORT: whole(0, PORT_MAX).default(8080).describe("port to listen on; 0 takes a free one"),
  RELAY_PUBLIC_URL: httpBase
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
  GOODCOM_URL: httpBase
    .refine(isHttpsOrLoopback, HTTPS_OR_LOOPBACK)
    .default("https://app.gcanyapps.com")
    .describe("base of the printer cloud"),
  // A whole address, taken as it is: of many receivers the key stands behind a ?.
  RELAY_ALERT_URL: httpAddress
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
  RELAY_OTLP_URL: httpBase
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

export type Values = z.infer<typeof configSchema>;
export type SettingName = keyof Values;
export const SETTING_NAMES = Object.keys(configSchema.shape) as SettingName[];

export function decodeKeys(text: string): (Buffer | null)[] {
  return text.split(",").map((one) => decodeKey(one.trim()));
}

/** @returns 32 bytes, or null when the text is not that */
export function decodeKey(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  const bytes = Buffer.from(text, "base64");
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && bytes.length === KEY_BYTES ? bytes : null;
}
