import { Argument, InvalidArgumentError } from "commander";
import { PLATFORM_NAMES } from "../core/cancellation.ts";
import { LANGUAGES, printerSchema, type Language } from "../core/settings.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseMoment, SECOND_MS, type Clock, type UnixMs } from "../core/time.ts";

/** Readers of option values: each throws what commander turns into "wrong usage". */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

const LIMIT_MAX = 200;

/** The option of a list, 50 unless given: all that the API gives on one page. */
export const LIMIT = [
  "--limit <count>",
  `at most so many, up to ${LIMIT_MAX}`,
  integer(1, LIMIT_MAX),
  50,
] as const;

const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

/** `2026-11-03`, `2026-11-03T12:00Z`, or an age such as `30m`, `2h`, `3d`. */
export function moment(clock: Clock): (text: string) => UnixMs {
  return (text) => {
    const [, count, unit = ""] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
    const unitMs = UNIT_MS[unit];
    if (count !== undefined && unitMs !== undefined) return clock.now() - Number(count) * unitMs;
    const at = parseMoment(text);
    if (at === null)
      throw new InvalidArgumentError("Give a time such as 2026-11-03T12:00Z, or an age such as 2h.");
    return at;
  };
}

export function oneOf<Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`Give one of ${choices.join(", ")}.`);
    return found;
  };
}

export function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("Give an address such as http://127.0.0.1:8080.");
  }
  return text.replace(/\/+$/, "");
}

export function platformArgument(): Argument {
  return new Argument("<platform>", PLATFORM_NAMES.join(", ")).argParser(oneOf(PLATFORM_NAMES));
}

export function timeZone(text: string): string {
  if (!printerSchema.shape.time_zone.safeParse(text).success) {
    throw new InvalidArgumentError("Give an IANA time zone such as Asia/Taipei.");
  }
  return text;
}

export function language(text: string): Language {
  const read = printerSchema.shape.language.safeParse(text);
  if (!read.success) {
    throw new InvalidArgumentError(`Give a language tag such as zh-TW, of one of ${LANGUAGES.join(", ")}.`);
  }
  return read.data;
}

export function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError("Give an ISO 4217 code such as USD.");
  return text;
}
