import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import {
  configSchema,
  decodeKey,
  decodeKeys,
  SETTING_NAMES,
  TOKEN_CHARS_MIN,
  type SettingName,
  type Values,
} from "./config/schema.ts";
import { isLoopback } from "./core/address.ts";

/**
 * The settings of the process (CONTRACT, "Settings"): read once, at the start, from the environment and, for
 * what is not set there, from `.env`. Unknown `RELAY_*` names and bad values are told together, in one message.
 */
const SECRET_NAMES: readonly SettingName[] = [
  "RELAY_ADMIN_TOKEN",
  "RELAY_VIEWER_TOKEN",
  "RELAY_ENCRYPTION_KEY",
  "RELAY_ENCRYPTION_KEY_PREVIOUS",
  "RELAY_ALERT_SECRET",
];

const ENV_FILE = ".env";

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

/** Who reads: `serve` needs more than a command does, and `show` tells of that too where something else is bad. */
export type Reader = "serve" | "show" | "command";

/**
 * @param environment the process's own; what it sets wins
 * @param envFile path of the development settings file; skipped where there is none, and with NODE_ENV=production
 * @throws ConfigError naming every unknown and every bad setting, and what only together is bad
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string = ENV_FILE,
  reader: Reader = "command",
): Config {
  const given = givenTexts(environment, envFile);
  const problems = [...given.keys()]
    .filter(isUnknown)
    .map((name) => `${name} is not a setting${nearest(name)}`);
  const texts = Object.fromEntries([...given].map(([name, { text }]) => [name, text])) as Texts;
  const read = readValues(texts);
  problems.push(...read.problems, ...crossProblems(texts, read.values));
  // Node takes exactly this for "no certificate is checked", of alerts, traces and whatever calls out next.
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    problems.push(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 has no certificate checked: unset it, and name a CA of your own in NODE_EXTRA_CA_CERTS",
    );
  }
  // Told with the rest: otherwise the next start would end at it.
  if (reader === "serve" || (reader === "show" && problems.length > 0)) {
    problems.push(...openTokenProblems(read.values.RELAY_HOST, texts.RELAY_ADMIN_TOKEN));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const values = read.values as Values;
  // The default public address is where the relay listens on this machine, also on another port.
  if (!given.has("RELAY_PUBLIC_URL")) values.RELAY_PUBLIC_URL = `http://127.0.0.1:${values.RELAY_PORT}`;
  const sources = SETTING_NAMES.map((name) => [name, given.get(name)?.source ?? "default"]);
  return { values, sources: Object.fromEntries(sources) as Record<SettingName, Source> };
}

type Texts = Partial<Record<SettingName, string>>;

/** What the development settings file says; with NODE_ENV=production it is not read. */
export function textsInFile(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string = ENV_FILE,
): Record<string, string | undefined> {
  const isRead = environment.NODE_ENV !== "production" && existsSync(envFile);
  return isRead ? parseEnv(readFileSync(envFile, "utf8")) : {};
}

function givenTexts(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string,
): Map<string, { text: string; source: Source }> {
  const fromFile = textsInFile(environment, envFile);
  const given = new Map<string, { text: string; source: Source }>();
  for (const [name, text] of Object.entries(fromFile)) if (text) given.set(name, { text, source: ".env" });
  // An empty variable is an unset one: compose files pass `NAME=` for what nobody filled in.
  for (const [name, text] of Object.entries(environment))
    if (text) given.set(name, { text, source: "environment" });
  return given;
}

/** Each setting by itself: one bad value must not hide what is wrong with the others together. */
function readValues(texts: Texts): { values: Partial<Values>; problems: string[] } {
  const problems: string[] = [];
  const values = SETTING_NAMES.flatMap((name) => {
    const parsed = configSchema.shape[name].safeParse(texts[name]);
    if (parsed.success && !isWrapped(texts[name]))
      return parsed.data === undefined ? [] : [[name, parsed.data] as const];
    if (parsed.success) problems.push(`${name} must not begin or end with a space, nor stand in quotes`);
    else problems.push(...parsed.error.issues.map((issue) => `${name} ${issue.message}`));
    return [];
  });
  return { values: Object.fromEntries(values), problems };
}

/** As Docker hands on what an `--env-file` has: an address would lead nowhere, and a token would let nobody in. */
function isWrapped(text = ""): boolean {
  return text.trim() !== text || /^(["']).*\1$/s.test(text);
}

function isUnknown(name: string): boolean {
  const ours = name.startsWith("RELAY_") || name.startsWith("GOODCOM_URL");
  return ours && !(SETTING_NAMES as string[]).includes(name);
}

function nearest(name: string): string {
  const candidate = SETTING_NAMES.find((known) => known.slice(0, 9) === name.slice(0, 9));
  return candidate === undefined ? "" : ` (did you mean ${candidate}?)`;
}

/**
 * What is wrong with settings only together. Whether one is there is told by its text: a bad one is not missing.
 * @param values those that are well
 */
function crossProblems(texts: Texts, values: Partial<Values>): string[] {
  const problems: string[] = [];
  const isSigned = values.RELAY_ALERT_FORMAT === "standard";
  if (texts.RELAY_ALERT_URL !== undefined && isSigned && texts.RELAY_ALERT_SECRET === undefined) {
    problems.push(
      "RELAY_ALERT_SECRET is missing: alerts are signed, so RELAY_ALERT_URL needs it, unless RELAY_ALERT_FORMAT is slack",
    );
  }
  if (texts.RELAY_VIEWER_TOKEN !== undefined && texts.RELAY_VIEWER_TOKEN === texts.RELAY_ADMIN_TOKEN) {
    problems.push("RELAY_VIEWER_TOKEN must differ from RELAY_ADMIN_TOKEN");
  }
  if (texts.RELAY_ENCRYPTION_KEY_PREVIOUS !== undefined && texts.RELAY_ENCRYPTION_KEY === undefined) {
    problems.push(
      "RELAY_ENCRYPTION_KEY_PREVIOUS needs RELAY_ENCRYPTION_KEY, the current key; without that the key file has " +
        "the current key and the older ones, one on each line",
    );
  }
  return problems;
}

/** Why the service does not start with settings that do for every other command. */
export function serveProblems({ values }: Config): string[] {
  return openTokenProblems(values.RELAY_HOST, values.RELAY_ADMIN_TOKEN);
}

/** @param host undefined: it is bad, and who could reach it nobody knows */
function openTokenProblems(host: string | undefined, adminToken: string | undefined): string[] {
  if (adminToken !== undefined || host === undefined || isLoopback(host)) return [];
  return [
    `RELAY_ADMIN_TOKEN is missing: anybody could reach RELAY_HOST, so set one of ${TOKEN_CHARS_MIN} characters`,
  ];
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

/** Of an address as pg reads it: before the last `@` of its host, or named in its query, a key file's, too. */
function withoutPassword(text: string): string {
  return text
    .replace(/(\/\/[^/?#:]*:)[^/?#]*@/, "$1********@")
    .replace(/([?&][^=&]*password[^=&]*=)[^&#]*/gi, "$1********");
}
