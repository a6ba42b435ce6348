import type { Confirmation, Verdict } from "../core/delivery.ts";
import { isObject, parseJson } from "../core/json.ts";
import { cleanLine, textOf } from "../core/text.ts";
import { multipartFields } from "./multipart.ts";

/**
 * What the cloud calls back when somebody at the printer has confirmed. Method, fields and words of this cloud
 * are not public (facts: "The callback"), so every form its relatives use is read:
 *
 * - Goodcom's classic devices: GET with `a, o, ak=Accepted|Rejected, m, dt=HH:mm, u, p`, sometimes with a
 *   sentence in `ak`, in the printer's language; some have no `ak`, and the verdict in `m`.
 * - PrinterCo: `order_id, status (1 accepted | 2 rejected), msg, processing_time, delivery_time`.
 * - the same as a multipart form, or as JSON, also one level down (`{"data": {…}}`), or as JSON in one field of a form.
 */
export interface CallbackRequest {
  method: string;
  query: URLSearchParams | string;
  content_type: string | null;
  body: Buffer;
}

/** Names by priority; case, `_` and `-` do not count. */
const VERDICT_FIELDS = ["status", "ak", "orderstatus", "orderstate", "state", "result"];
const MESSAGE_FIELDS = ["msg", "message", "m", "reason"];
const TIME_FIELDS = ["dt", "deliverytime", "time"];

/** Of a body this much is read; a callback is a few hundred bytes. */
const BODY_BYTES_READ = 64 * 1024;
const FIELDS_MAX = 200;
const WORDS_CHARS_MAX = 200;
const TIME_CHARS_MAX = 60;
/** The kept JSON text of the whole callback. */
const RAW_BYTES_MAX = 4 * 1024;

/**
 * Reads a callback whatever its form. Never throws; what is not recognised is `unrecognised`, with its words.
 * @returns the verdict, and the callback as JSON text of at most 4 KB, passwords masked, to be kept
 */
export function readCallback(request: CallbackRequest): { confirmation: Confirmation; raw: string } {
  const query = request.query.toString().replace(/^\?/, "").slice(0, BODY_BYTES_READ);
  const body = new TextDecoder().decode(request.body.subarray(0, BODY_BYTES_READ));
  const sent = [...formFields(query), ...bodyFields(body, request.content_type ?? "")];
  const fields = sent.flatMap(withInner);
  const words = valuesOf(fields, VERDICT_FIELDS);
  const messages = valuesOf(fields, MESSAGE_FIELDS);
  const isSaid = words.some((word) => plainWord(word) !== "");
  // A message such as OK may tell of anything: that the order was queued, say.
  const verdict = verdictOf(
    isSaid ? words : messages.filter((message) => BARE_VERDICT.test(plainWord(message))),
  );
  return {
    confirmation: {
      verdict,
      message: firstText(messages, WORDS_CHARS_MAX) ?? (verdict === "rejected" ? cancelWord(words) : null),
      time: timeIn(firstText(valuesOf(fields, TIME_FIELDS), TIME_CHARS_MAX)),
    },
    raw: rawOf(request.method, query, body),
  };
}

const BARE_VERDICT = /^(?:accept|reject)(?:ed)?$/;

type Field = readonly [name: string, value: unknown];

function formFields(text: string): Field[] {
  return [...new URLSearchParams(text)].slice(0, FIELDS_MAX);
}

/** With what stands in it, where it is JSON text: `data={"status":1}`. */
function withInner(field: Field): Field[] {
  const [, value] = field;
  return typeof value === "string" && value.startsWith("{") ? [field, ...(jsonFields(value) ?? [])] : [field];
}

function bodyFields(body: string, contentType: string): Field[] {
  const text = body.trim();
  if (/^[{[]/.test(text)) {
    const json = jsonFields(text);
    if (json !== null) return json;
  }
  if (/multipart/i.test(contentType)) return multipartFields(text, FIELDS_MAX);
  // XML is nobody's habit here: kept raw.
  return /xml/i.test(contentType) || !text.includes("=") ? [] : formFields(text);
}

function jsonFields(text: string): Field[] | null {
  try {
    const value = parseJson(text);
    const top = fieldsOf(Array.isArray(value) ? value[0] : value);
    return [...top, ...top.flatMap(([, inner]) => fieldsOf(inner))].slice(0, FIELDS_MAX);
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Field[] {
  return isObject(value) ? Object.entries(value).slice(0, FIELDS_MAX) : [];
}

/** Values of the named fields, by the names' order, then as they came. */
function valuesOf(fields: readonly Field[], names: readonly string[]): unknown[] {
  return names.flatMap((name) =>
    fields.filter(([field]) => plainName(field) === name).map(([, value]) => value),
  );
}

function plainName(field: string): string {
  return field.trim().toLowerCase().replace(/[_-]/g, "");
}

function firstText(values: readonly unknown[], charsMax: number): string | null {
  return values.map((value) => textOf(value, charsMax)).find((text) => text !== null) ?? null;
}

const DATE = "\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{2,4}";
const CLOCK = "\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,9})?)?(?: ?[AP]M)?(?: ?Z| ?[+-]\\d{2}:?\\d{2})?";
/** A date, a time, both, minutes, or Unix time: whatever else somebody writes there, such as a buyer, is none. */
const TIME = new RegExp(
  `^(?:(?:${DATE})(?:[T ] ?${CLOCK})?|${CLOCK}(?: (?:${DATE}))?|1\\d{9}(?:\\d{3})?|\\d{1,3})(?![\\d:./-])`,
  "i",
);

function timeIn(text: string | null): string | null {
  return text === null ? null : (TIME.exec(text)?.[0] ?? null);
}

/** When fields disagree, "rejected" wins: a refusal nobody hears of is worse than one look too many. */
function verdictOf(values: readonly unknown[]): Verdict {
  const verdicts = values.map(wordVerdict);
  return (
    verdicts.find((verdict) => verdict === "rejected") ?? verdicts.find((v) => v === "accepted") ?? UNKNOWN
  );
}

const UNKNOWN = "unrecognised";

// Single values; `0` means success to some and failure to others, so it means nothing here.
const ACCEPTED_VALUES = ["1", "true", "y", "yes"];
const REJECTED_VALUES = ["2", "false", "n", "no"];

const REJECTED_WORDS = [
  /\b(?:reject|refus|declin|den(?:y|ied)|cancel|fail|error|expire|unsucc|unaccepted|unconfirmed|unable)/,
  /\b(?:not|never|cannot|un|non)\b|n['’]t\b|\btime(?:d? )?out\b/,
  /拒|取消|失败|失敗|超时|超時|不接|(?:未|没有?|沒有?|不|无法|無法)\s*(?:接|确认|確認|成功|打印|列印|同意|能)/,
  // As the printer's own language has it: es pt fr it de ms, then ja ko th vi.
  /\b(?:rechaz|recus|rejei|rejet|rifiut|abgelehnt|nicht|não|nao|tidak|belum|tolak|ditolak|batal|gagal)|\bno (?:acept|conf)/,
  /却下|未受|できま|거[절부]|취소|실패|미[승확수]|ปฏิเสธ|ยกเลิก|ไม่|ล้มเหลว|từ chối|không|chưa|thất bại|\bhủy/,
];
const ACCEPTED_WORDS = [
  /\b(?:accept|confirm|print(?:ed|$)|success|succe|done\b|complete|ok\b|okay\b|approve)/,
  /接受|接单|接單|已接|确认|確認|成功|已打印|已列印|打印完成|列印完成|已完成|同意/,
  /\b(?:acept|aceit|accett|angenommen|akzeptiert|bestätigt|gedruckt|impres|stampat|terima|diterima|disahkan|dicetak)/,
  /承認|受理|受付|승인|수락|접수|확인|출력|ยอมรับ|ยืนยัน|รับออ|พิมพ์แล้ว|chấp nhận|xác nhận|đã (?:nhận|in\b)/,
];

/** What was confirmed is the very cancellation that the slip tells of: here the word is no refusal. */
const CONFIRMED_CANCELLATION =
  /\bcancel\w*(?= (?:(?:order|request|was|is|has|been) ){0,3}(?:accept|confirm|succe|complete|done|ok\b|approve))|(?<=\b(?:accept|confirm|approve)\w* (?:the )?)cancel\w*|取消(?=已?(?:成功|完成|确认|確認|接受|同意))|(?<=确认|確認|接受|同意)取消/g;

function plainWord(value: unknown): string {
  const text = typeof value === "boolean" ? String(value) : (textOf(value, WORDS_CHARS_MAX) ?? "");
  // PRINT_FAIL and orderRejected are two words each.
  return text
    .normalize("NFC")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ");
}

/**
 * `cancelled` and no more may be a refusal, or the printer's yes to the cancellation. It is read as the former: both get
 * the slip read, and of a refusal somebody must hear. So the word is kept for whoever looks.
 */
function cancelWord(values: readonly unknown[]): string | null {
  return firstText(
    values.filter((value) => /^(?:order )?cancell?ed$|^(?:订单|訂單)?已?取消$/.test(plainWord(value))),
    WORDS_CHARS_MAX,
  );
}

function wordVerdict(value: unknown): Verdict {
  const word = plainWord(value).replace(CONFIRMED_CANCELLATION, "");
  const says = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(word));
  if (REJECTED_VALUES.includes(word) || says(REJECTED_WORDS)) return "rejected";
  if (ACCEPTED_VALUES.includes(word) || says(ACCEPTED_WORDS)) return "accepted";
  return UNKNOWN;
}

/** Classic devices send their account and password (`u`, `p`) with every callback. */
const PASSWORDS = "p|pw|pwd|pass|passwd|password|secret|secret_key|secretkey|api_key|apikey|token|sign";
const IN_FORM = new RegExp(`((?:^|[?&])(?:${PASSWORDS})=)[^&]*`, "gi");
const IN_JSON = new RegExp(`("(?:${PASSWORDS})"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"?|[^\\s,}"]+)`, "gi");

// As many headers, and as long ones, as the reader takes (multipart.ts).
const IN_MULTIPART = new RegExp(
  `(\\bname="(?:${PASSWORDS})"[^\\r\\n]{0,200}\\r?\\n(?:[^\\r\\n]{1,200}\\r?\\n){0,8}\\r?\\n)[^\\r\\n]*`,
  "gi",
);

function masked(text: string): string {
  return text.replace(IN_FORM, "$1***").replace(IN_JSON, '$1"***"').replace(IN_MULTIPART, "$1***");
}

function rawOf(method: string, query: string, body: string): string {
  const whole = { method: cleanLine(method, 10), query: masked(query), body: masked(body) };
  let raw = "";
  // Characters take one to four bytes, so the cut is found by trying; the last always fits.
  for (const charsMax of [RAW_BYTES_MAX, 1800, 900, 400]) {
    const { query: asked, body: said } = whole;
    raw = JSON.stringify({ ...whole, query: cleanLine(asked, charsMax), body: cleanLine(said, charsMax) });
    if (Buffer.byteLength(raw) <= RAW_BYTES_MAX) break;
  }
  return raw;
}
