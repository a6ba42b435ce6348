import { isObject, type JsonObject } from "../core/json.ts";
import { lineTotal, parseAmount, parseQuantity, type Decimal } from "../core/money.ts";
import { cleanLine, textOf } from "../core/text.ts";
import { parseMoment, type UnixMs } from "../core/time.ts";

/** No order has more lines, options or notes; what is beyond is left out, and the list is named as a problem. */
const LIST_ENTRIES_MAX = 500;
/** The same of all lists of one order together: 500 lines with ten choices each. Of 60 lines on paper nobody misses one. */
const ENTRIES_MAX = 5000;

/**
 * Reads the fields of one untrusted JSON object. Every reader takes the names a field may have, the likeliest
 * first, and returns the first value it understands, or null (false, none). A value that is there, not empty and
 * not understood goes by name into `problems`: names are ours, so nothing of the sender's gets in.
 */
export interface Fields {
  text(...names: string[]): string | null;
  /** The same of what somebody chose: also yes or no, and several at once, of which those that are no text are `?`. */
  choice(...names: string[]): string | null;
  /** In the currency's digits. */
  amount(currency: string | null, ...names: string[]): Decimal | null;
  quantity(...names: string[]): string | null;
  /** One piece's price times the quantity, rounded only then. */
  priced(currency: string | null, price: string, quantity: string): Decimal | null;
  moment(...names: string[]): UnixMs | null;
  /** ISO 4217 in upper case. */
  currency(...names: string[]): string | null;
  /** What `words` says of the value; lower case, with `_` between words. */
  word<Word>(words: ReadonlyMap<string, Word>, ...names: string[]): Word | null;
  flag(...names: string[]): boolean;
  /** The object of that name; of what is no object, an empty one. */
  under(name: string): Fields;
  /** The objects in the list of that name. */
  each(name: string): Fields[];
  /** The texts in the list of that name, each once; a lone text is a list of one. */
  texts(name: string): string[];
  /** `name: value` of each entry; an object stands for its keys and values. */
  pairs(name: string): { name: string | null; value: string }[];
}

/**
 * @param problems gets the names of fields that were there and could not be understood
 * @param path of this object within the order, with a dot at its end; empty for the order itself
 */
export function fieldsOf(source: JsonObject, problems: Set<string>, path = ""): Fields {
  return new ObjectFields(source, { problems, room: ENTRIES_MAX }, path);
}

/** What the objects of one order share. */
interface OfOrder {
  problems: Set<string>;
  /** How many entries may still be taken of all its lists. */
  room: number;
}

/** A class, for there is one of every line and option: functions of its own for each cost half of reading an order. */
class ObjectFields implements Fields {
  readonly #source: JsonObject;
  readonly #order: OfOrder;
  readonly #path: string;

  constructor(source: JsonObject, order: OfOrder, path: string) {
    this.#source = source;
    this.#order = order;
    this.#path = path;
  }

  text(...names: string[]): string | null {
    return this.#first(names, textOf1);
  }

  choice(...names: string[]): string | null {
    return this.#first(names, choiceOf);
  }

  amount(currency: string | null, ...names: string[]): Decimal | null {
    return this.#first(names, (value) => parseAmount(value, currency));
  }

  quantity(...names: string[]): string | null {
    return this.#first(names, parseQuantity);
  }

  priced(currency: string | null, price: string, quantity: string): Decimal | null {
    const one = this.#first<unknown>([price], (value) =>
      parseAmount(value, currency) === null ? null : value,
    );
    return lineTotal(one, this.#source[quantity], currency);
  }

  moment(...names: string[]): UnixMs | null {
    return this.#first(
      names.filter((name) => !isZeroMoment(this.#source[name])),
      parseMoment,
    );
  }

  currency(...names: string[]): string | null {
    return this.#first(names, currencyOf);
  }

  word<Word>(words: ReadonlyMap<string, Word>, ...names: string[]): Word | null {
    return this.#first(names, (value) =>
      typeof value === "string" ? (words.get(wordOf(value)) ?? null) : null,
    );
  }

  flag(...names: string[]): boolean {
    return this.#first(names, flagOf) ?? false;
  }

  under(name: string): Fields {
    const value = this.#source[name];
    if (!isObject(value) && !isEmpty(value)) this.#blame(name);
    return this.#inside(name, isObject(value) ? value : {});
  }

  each(name: string): Fields[] {
    const entries = this.#list(name);
    const objects = entries.filter(isObject);
    if (objects.length < entries.length) this.#blame(name);
    return objects.map((entry) => this.#inside(name, entry));
  }

  texts(name: string): string[] {
    const value = this.#source[name];
    const lone = typeof value === "string" ? textOf1(value) : null;
    if (lone !== null) return [lone];
    const entries = this.#list(name);
    const texts = entries.map(textOf1).filter((text) => text !== null);
    if (texts.length < entries.length) this.#blame(name);
    return [...new Set(texts)];
  }

  pairs(name: string): { name: string | null; value: string }[] {
    const value = this.#source[name];
    if (!isObject(value)) {
      return this.each(name).flatMap((entry) => pairOf(entry.text("name"), entry.choice("value")));
    }
    const keys = this.#firstOf(Object.keys(value), name);
    if (keys.some((key) => !isEmpty(value[key]) && choiceOf(value[key]) === null)) this.#blame(name);
    return keys.flatMap((key) => pairOf(textOf1(key), choiceOf(value[key])));
  }

  #blame(name: string): void {
    this.#order.problems.add(this.#path + name);
  }

  #inside(name: string, source: JsonObject): Fields {
    return new ObjectFields(source, this.#order, `${this.#path}${name}.`);
  }

  #first<T>(names: readonly string[], parse: (value: unknown) => T | null): T | null {
    for (const name of names) {
      const value = this.#source[name];
      if (isEmpty(value)) continue;
      const parsed = parse(value);
      if (parsed !== null) return parsed;
      this.#blame(name);
    }
    return null;
  }

  #list(name: string): unknown[] {
    const value = this.#source[name];
    if (isEmpty(value)) return [];
    if (!Array.isArray(value)) {
      this.#blame(name);
      return [];
    }
    return this.#firstOf<unknown>(value, name).filter((entry) => !isEmpty(entry));
  }

  /** As many of a list as there is room for. */
  #firstOf<Entry>(entries: readonly Entry[], name: string): Entry[] {
    const taken = entries.slice(0, Math.min(LIST_ENTRIES_MAX, this.#order.room));
    this.#order.room -= taken.length;
    if (taken.length < entries.length) this.#blame(name);
    return taken;
  }
}

function pairOf(name: string | null, value: string | null): { name: string | null; value: string }[] {
  return value === null ? [] : [{ name, value }];
}

// As an argument of map(), textOf would take the index for its length.
function textOf1(value: unknown): string | null {
  return textOf(value);
}

/** Nobody chooses as many at once; of what is behind the text says that there is more. */
const CHOICES_MAX = 20;

function choiceOf(value: unknown): string | null {
  if (typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return textOf1(value);
  const chosen = value.slice(0, CHOICES_MAX).filter((one) => !isEmpty(one));
  const texts = chosen.map((one) => (Array.isArray(one) ? null : choiceOf(one)));
  if (texts.every((text) => text === null)) return null;
  const shown = texts.map((text) => text ?? "?");
  return joined(value.length > CHOICES_MAX ? [...shown, "..."] : shown);
}

/** Null, absent, blank, `[]` and `{}` (which PHP writes for each other): nothing was said. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return !beginsWithText(value) && textOf(value) === null;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Printable ASCII but a quote stays whatever follows it: so most texts begin. */
function beginsWithText(value: string): boolean {
  const code = value.charCodeAt(0);
  return code > 0x20 && code < 0x7f && code !== 0x22;
}

function wordOf(value: string): string {
  return (textOf(value, 100) ?? "").toLowerCase().replace(/[\s-]+/g, "_");
}

function currencyOf(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : null;
}

const TRUE_WORDS: readonly unknown[] = [true, 1, "1", "true"];
const FALSE_WORDS: readonly unknown[] = [false, 0, "0", "false"];

function flagOf(value: unknown): boolean | null {
  const word = typeof value === "string" ? wordOf(value) : value;
  if (TRUE_WORDS.includes(word)) return true;
  return FALSE_WORDS.includes(word) ? false : null;
}

const NEVER_WORDS: readonly string[] = ["null", "0", "nil", "none", "undefined", "false"];

/** The ways in which "never" is written where a time belongs, year zero and the epoch among them. */
function isZeroMoment(value: unknown): boolean {
  if (value === 0 || value === false) return true;
  return (
    typeof value === "string" && (NEVER_WORDS.includes(wordOf(value)) || /^(000[01]|1970-01-01)/.test(value))
  );
}

/**
 * Whether a field such as `cancelled_at` says that it happened: any text that does not mean "never" and any
 * positive number do. What is neither a time nor empty is `unclear`, and a person should see it.
 */
export function evidenceOf(value: unknown): "yes" | "no" | "unclear" {
  if (isEmpty(value) || isZeroMoment(value)) return "no";
  if (typeof value === "string" || (typeof value === "number" && value > 0)) return "yes";
  return "unclear";
}

/** The parts that are there, as one line of text; null when there are none. */
export function joined(parts: readonly (string | null)[], separator = ", "): string | null {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? null : cleanLine(present.join(separator));
}
