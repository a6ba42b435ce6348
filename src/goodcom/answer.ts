import { unzipSync } from "node:zlib";
import type { AttemptOutcome } from "../core/delivery.ts";
import { isObject, parseJson } from "../core/json.ts";
import { parseHttpDate, retryAfterMs } from "../core/retry-after.ts";
import { cleanLine } from "../core/text.ts";
import type { UnixMs } from "../core/time.ts";
import { saysOrderUnknown } from "./order-unknown.ts";

/** An HTTP answer of the cloud, as far as it came. */
export interface HttpAnswer {
  status: number;
  /** Lower-case names; only `retry-after`, `date` and `content-encoding` are read. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** Why the body ends early; null when all of it is here. */
  cut: string | null;
}

/** Of the raw answer this much is kept with the attempt (facts: "first 8 KB of the raw body"). */
const RESPONSE_BYTES_KEPT = 8 * 1024;
/** The cloud's own words in a detail line. */
const WORDS_CHARS_MAX = 200;
/** More fields than any answer has: a hostile one must not cost more. */
const FIELDS_MAX = 200;
const NESTING_MAX = 3;

/**
 * Fields that tell how it went, by the names sibling clouds use; case, `_` and `-` do not count. The real
 * cloud's are not public (facts: "The answer"), so what they may say is the printer's `success` setting.
 */
const STATUS_FIELDS = [
  "code",
  "status",
  "ret",
  "success",
  "result",
  "errcode",
  "errno",
  "errorcode",
  "retcode",
];
/** Fields whose mere presence with a content is a failure; the success set says nothing about them. */
const ERROR_FIELDS = ["error", "errors", "err"];
const NO_ERROR = ["", "0", "false", "null", "none", "no", "ok", "success"];
const WORD_FIELDS = [
  ...["msg", "message", "errmsg", "errormsg", "errormessage", "error", "err", "errors", "reason"],
  ...["description", "errordescription", "detail", "info"],
];

/** How one printer's answers are read. */
interface Reader {
  isSuccess: (value: unknown) => boolean;
  hide: (text: string) => string;
}

type Judgement = Pick<AttemptOutcome, "kind" | "detail"> & { order_unknown?: boolean };

/**
 * What one answer of the cloud means for the paper (facts: "The answer"; CONTRACT, "Delivery to Goodcom").
 * Pure, and never throws, whatever the body.
 *
 * - 2xx: empty, `{}`, without a status field, or with a recognised success → accepted. A status field outside
 *   `success` → rejected; when fields disagree, failure wins. A body that cannot be read → unknown.
 * - 429, 503, and 425 (RFC 8470: refused so as not to risk a replay) → unavailable.
 * - 408 → unknown: by RFC 9110 nothing was processed, but clouds also say it of a printer that was slow, and
 *   `unavailable` would send it again without end.
 * - 302, 307 → unavailable: nothing prints where we are sent away, and it is for now (a maintenance page).
 *   Other redirects → rejected: `GOODCOM_URL` is wrong. None is followed.
 * - other 4xx → rejected; anything else → unknown.
 *
 * @param success values of a status field that mean success, any case (printer setting)
 * @param now the moment of the answer, for `Retry-After` dates and the clock skew
 * @param hide takes secrets out of a text before it is kept or shown
 */
export function judgeAnswer(
  answer: HttpAnswer,
  success: readonly string[],
  now: UnixMs,
  hide: (text: string) => string = (text) => text,
): AttemptOutcome {
  const text = new TextDecoder().decode(unzipped(answer));
  const {
    kind,
    detail,
    order_unknown = false,
  } = judge(answer, text, { isSuccess: successTest(success), hide });
  const date = parseHttpDate(answer.headers.date);
  return {
    kind,
    detail,
    http_status: answer.status,
    // A date is measured by the answer's own clock, so that a skew does no harm.
    retry_after_ms:
      kind === "unavailable" || kind === "unknown"
        ? retryAfterMs(answer.headers["retry-after"], date ?? now)
        : null,
    order_unknown,
    response: keptText(hide(text)),
    clock_skew_ms: date === null ? null : now - date,
  };
}

/** Some proxies zip what was asked for as it is; a zipped `{}` that nobody can read would be sent four times. */
function unzipped({ headers, body }: HttpAnswer): Buffer {
  if (!/^(?:x-)?gzip$|^deflate$/i.test(headers["content-encoding"]?.trim() ?? "")) return body;
  try {
    return unzipSync(body, { maxOutputLength: UNZIPPED_BYTES_MAX });
  } catch {
    return body;
  }
}
/** As much as an answer may have that is not zipped (client.ts). */
const UNZIPPED_BYTES_MAX = 64 * 1024;

function judge(answer: HttpAnswer, text: string, reader: Reader): Judgement {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (answer.cut !== null) return { kind: "unknown", detail: `HTTP ${status}, then ${answer.cut}` };
    return judgeBody(status, text.trim(), reader);
  }
  const words = wordsOfText(text, reader);
  const detail = words === null ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
  if (status === 429 || status === 503 || status === 425) return { kind: "unavailable", detail };
  if (status >= 300 && status < 400) return judgeRedirect(status);
  if (status >= 400 && status < 500 && status !== 408) {
    return { kind: "rejected", detail, order_unknown: saysOrderUnknown(words ?? "", status) };
  }
  return { kind: "unknown", detail };
}

function judgeRedirect(status: number): Judgement {
  const away = `HTTP ${status}: the cloud redirects elsewhere, which is not followed`;
  return status === 302 || status === 307
    ? { kind: "unavailable", detail: `${away}; if it stays so, check GOODCOM_URL` }
    : { kind: "rejected", detail: `${away}; set GOODCOM_URL to the cloud's own address` };
}

function judgeBody(status: number, text: string, reader: Reader): Judgement {
  if (text === "") return { kind: "accepted", detail: `HTTP ${status}` };
  const body = parsed(text);
  if (!isObject(body) && !Array.isArray(body) && body !== null) {
    if (body === false) return { kind: "rejected", detail: `HTTP ${status}, the answer is "false"` };
    // A bare word: "success" alone is how some clouds answer.
    if (reader.isSuccess(body ?? text)) return { kind: "accepted", detail: `HTTP ${status}` };
    return { kind: "unknown", detail: `HTTP ${status}, but the answer cannot be read` };
  }
  const words = wordsOf(body, reader, 0);
  const failure = findingsOf(body, reader, 0).find((finding) => !finding.ok);
  if (failure === undefined) {
    return { kind: "accepted", detail: words === null ? `HTTP ${status}` : `HTTP ${status}: ${words}` };
  }
  const said = words === null || words === failure.value ? "" : `: ${words}`;
  return {
    kind: "rejected",
    detail: `HTTP ${status}, ${`${failure.field} ${failure.value}`.trim()}${said}`,
    order_unknown: saysOrderUnknown(`${failure.value} ${words ?? ""}`, status),
  };
}

/** @returns the value, or undefined when the text is not JSON; of JSON within JSON text the inner one */
function parsed(text: string): unknown {
  try {
    const value: unknown = parseJson(text);
    return typeof value === "string" && /^\s*[{[]/.test(value) ? parseJson(value) : value;
  } catch {
    return undefined;
  }
}

function successTest(success: readonly string[]): (value: unknown) => boolean {
  const known = new Set(success.map(plain));
  return (value) => known.has(plain(value));
}

/** `0000` is a zero of four digits, and as much a success as `0`. */
function plain(value: unknown): string {
  return textOf(value).trim().toLowerCase().replace(/^0+$/, "0");
}

function textOf(value: unknown): string {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isScalar ? String(value) : "";
}

interface Finding {
  field: string;
  value: string;
  ok: boolean;
}

/** What the status fields of a body say; what they hold inside counts only when none speaks for itself. */
function findingsOf(body: unknown, reader: Reader, depth: number): Finding[] {
  if (depth > NESTING_MAX) return [];
  if (Array.isArray(body)) {
    return body.slice(0, FIELDS_MAX).flatMap((entry) => findingsOf(entry, reader, depth + 1));
  }
  if (!isObject(body)) return [];
  const direct: Finding[] = [];
  const inside: Finding[] = [];
  for (const [key, value] of Object.entries(body).slice(0, FIELDS_MAX)) {
    const name = plainName(key);
    const field = cleanLine(reader.hide(key), 40);
    const shown = cleanLine(reader.hide(textOf(value)), 60);
    if (ERROR_FIELDS.includes(name)) {
      if (isError(value, reader, depth)) direct.push({ field, value: shown, ok: false });
    } else if (STATUS_FIELDS.includes(name) && typeof value === "object") {
      inside.push(...findingsOf(value, reader, depth + 1));
    } else if (STATUS_FIELDS.includes(name) && plain(value) !== "") {
      const denied = name === "success" && (plain(value) === "0" || plain(value) === "false");
      direct.push({ field, value: shown, ok: !denied && reader.isSuccess(value) });
    }
  }
  return direct.length > 0 ? direct : inside;
}

function isError(value: unknown, reader: Reader, depth: number): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (!isObject(value)) return !NO_ERROR.includes(plain(value));
  const inside = findingsOf(value, reader, depth + 1);
  return inside.length === 0 ? Object.keys(value).length > 0 : inside.some((finding) => !finding.ok);
}

function plainName(key: string): string {
  return key.slice(0, 40).toLowerCase().replace(/[_-]/g, "");
}

/** The cloud's own words out of a body, or null. */
function wordsOf(body: unknown, reader: Reader, depth: number): string | null {
  if (typeof body === "string") return cleanLine(reader.hide(body), WORDS_CHARS_MAX) || null;
  if (depth > NESTING_MAX) return null;
  if (Array.isArray(body)) return firstOf(body.slice(0, 5), (entry) => wordsOf(entry, reader, depth + 1));
  if (!isObject(body)) return null;
  const fields = new Map(
    Object.entries(body)
      .slice(0, FIELDS_MAX)
      .map(([key, value]) => [plainName(key), value]),
  );
  const own = firstOf(WORD_FIELDS, (name) => wordsOf(fields.get(name), reader, depth + 1));
  return own ?? firstOf(["data", "result", "status"], (name) => wordsIn(fields.get(name), reader, depth));
}

function wordsIn(value: unknown, reader: Reader, depth: number): string | null {
  return isObject(value) ? wordsOf(value, reader, depth + 1) : null;
}

function firstOf<T>(entries: readonly T[], read: (entry: T) => string | null): string | null {
  for (const entry of entries) {
    const found = read(entry);
    if (found !== null) return found;
  }
  return null;
}

/** The words of an error page or body: JSON's message, plain text as it is, of HTML nothing. */
function wordsOfText(text: string, reader: Reader): string | null {
  const start = text.trim();
  if (start === "" || start.startsWith("<")) return null;
  const body = parsed(start);
  return wordsOf(body === undefined ? start : body, reader, 0);
}

function keptText(text: string): string {
  const kept = Buffer.from(text.slice(0, RESPONSE_BYTES_KEPT)).subarray(0, RESPONSE_BYTES_KEPT);
  return cleanLine(new TextDecoder().decode(kept), RESPONSE_BYTES_KEPT);
}
