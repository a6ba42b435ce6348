import { LANGUAGES, SIGN_ALGORITHMS, type Language, type PrinterSettings } from "../../../core/settings.ts";
import type { Field, Option, Values } from "./form.ts";
import { numberIn, orDefault } from "./read.ts";

/** Each in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  "zh-Hant": "繁體中文",
  "zh-Hans": "简体中文",
  ja: "日本語",
  ko: "한국어",
  th: "ไทย",
  vi: "Tiếng Việt",
  ms: "Bahasa Melayu",
  es: "Español",
  fr: "Français",
  de: "Deutsch",
  pt: "Português",
};

const asIs = (values: readonly string[]): Option[] => values.map((value) => ({ value, label: value }));

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

export function nameField(example: string): Field {
  return {
    name: "name",
    label: "Name",
    hint: `Small letters, digits and hyphens, such as ${example}. It cannot be changed later.`,
    control: { kind: "text", charsMax: 64 },
  };
}

/** @param stored null: a new printer */
export function printerFields(stored: PrinterSettings | null): Field[] {
  const hasSecret = stored !== null && stored.secret_key !== "";
  return [
    ...(stored === null ? [nameField("kitchen")] : []),
    ...cloudFields(stored),
    ...paperFields(),
    ...moreFields(),
  ].filter(({ name }) => name !== "no_secret_key" || hasSecret);
}

function cloudFields(stored: PrinterSettings | null): Field[] {
  const hasSecret = stored !== null && stored.secret_key !== "";
  return [
    {
      name: "api_key",
      label: "API key",
      hint:
        stored === null
          ? "From the region's page in the Goodcom account; it chooses the printer."
          : "Kept as it is while this stays empty.",
      control: { kind: "secret", kept: stored !== null },
    },
    {
      name: "secret_key",
      label: "Secret key",
      hint: hasSecret
        ? "Kept as it is while this stays empty."
        : "Only if Dynamic Validation is on for the region in the Goodcom account; else leave it empty.",
      control: { kind: "secret", kept: hasSecret },
    },
    { name: "no_secret_key", label: "Remove the secret key", control: { kind: "check" } },
  ];
}

function paperFields(): Field[] {
  return [
    {
      name: "time_zone",
      label: "Time zone",
      hint: "Of the times on the slip, such as Asia/Taipei.",
      control: { kind: "text", charsMax: 60, suggestions: ZONES },
    },
    {
      name: "language",
      label: "Language of the slip",
      control: {
        kind: "choice",
        options: LANGUAGES.map((value) => ({ value, label: `${LANGUAGE_NAMES[value]} (${value})` })),
      },
    },
    {
      name: "columns",
      label: "Characters in a line",
      hint: "32 is usual for paper of 58 mm.",
      control: { kind: "choice", options: asIs(["30", "32", "42", "48"]) },
    },
    {
      name: "customer",
      label: "The buyer on the slip",
      control: {
        kind: "choice",
        options: [
          { value: "full", label: "full: name, phone, address" },
          { value: "short", label: "short: name and the last digits of the phone" },
          { value: "none", label: "none" },
        ],
      },
    },
  ];
}

function moreFields(): Field[] {
  const fields: Field[] = [
    {
      name: "endpoint",
      label: "What the cloud is sent",
      hint: "The last is for a cloud that refuses cancellations of orders it does not know.",
      control: {
        kind: "choice",
        options: [
          { value: "cancelorder", label: "a cancellation (cancelorder)" },
          { value: "submitorder", label: "an order, under the same banner (submitorder)" },
          { value: "cancel_then_submit", label: "a cancellation, then an order (cancel_then_submit)" },
        ],
      },
    },
    {
      name: "order_txt",
      label: "The slip as text (order_txt)",
      control: {
        kind: "choice",
        options: [
          { value: "plain", label: "plain lines" },
          { value: "markup", label: "Goodcom's markup" },
          { value: "off", label: "off: only order_json" },
        ],
      },
    },
    {
      name: "created_key",
      label: "Name of the order's time in order_json",
      hint: "Goodcom's pages write both: send both unless a printer template needs one.",
      control: { kind: "choice", options: asIs(["both", "Create_time", "CreateTime"]) },
    },
    {
      name: "confirm_within_s",
      label: "Confirmed within, in seconds",
      hint: "Nobody has confirmed at the printer by then: alert. 600 are 10 minutes.",
      control: { kind: "number", min: 1, max: 86_400 },
    },
    {
      name: "useful_for_s",
      label: "Useful for, in seconds",
      hint: "How long after its arrival a cancellation is still tried. 86400 are a day.",
      control: { kind: "number", min: 1, max: 2_592_000 },
    },
    ...signFields(),
    {
      name: "success",
      label: "Words that mean success in the cloud's answer",
      hint: "Separated by commas.",
      control: { kind: "text", charsMax: 900 },
    },
  ];
  return fields.map((field) => ({ ...field, more: true }));
}

function signFields(): Field[] {
  return [
    {
      name: "sign.algorithm",
      label: "Sign: algorithm",
      hint: "Goodcom does not publish its formula, and the default is a guess: print a test slip to see it pass.",
      control: { kind: "choice", options: asIs(SIGN_ALGORITHMS) },
    },
    { name: "sign.template", label: "Sign: what is signed", control: { kind: "text", charsMax: 200 } },
    {
      name: "sign.case",
      label: "Sign: letters",
      control: {
        kind: "choice",
        options: [
          { value: "lower", label: "lower case" },
          { value: "upper", label: "upper case" },
        ],
      },
    },
  ];
}

/** As the form shows a printer; never a key. */
export function printerValues(printer: PrinterSettings): Values {
  return new Map([
    ["name", printer.name],
    ["time_zone", printer.time_zone],
    ["language", printer.language],
    ["columns", String(printer.columns)],
    ["customer", printer.customer],
    ["endpoint", printer.endpoint],
    ["order_txt", printer.order_txt],
    ["created_key", printer.created_key],
    ["confirm_within_s", String(printer.confirm_within_s)],
    ["useful_for_s", String(printer.useful_for_s)],
    ["sign.algorithm", printer.sign.algorithm],
    ["sign.template", printer.sign.template],
    ["sign.case", printer.sign.case],
    ["success", printer.success.join(", ")],
  ]);
}

/** What was typed as the apply file would write it, for the schema to read. */
export function printerInput(typed: Values, stored: PrinterSettings | null): unknown {
  const text = (name: string): string => typed.get(name) ?? "";
  const secretKey = text("secret_key") === "" ? (stored?.secret_key ?? "") : text("secret_key");
  return {
    name: stored?.name ?? text("name"),
    api_key: text("api_key") === "" ? (stored?.api_key ?? "") : text("api_key"),
    secret_key: text("no_secret_key") === "" ? secretKey : "",
    sign: {
      algorithm: text("sign.algorithm"),
      template: text("sign.template"),
      case: text("sign.case"),
    },
    time_zone: orDefault(text("time_zone")),
    language: text("language"),
    columns: numberIn(text("columns")),
    order_txt: text("order_txt"),
    endpoint: text("endpoint"),
    created_key: text("created_key"),
    customer: text("customer"),
    confirm_within_s: numberIn(text("confirm_within_s")),
    useful_for_s: numberIn(text("useful_for_s")),
    success: text("success")
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  };
}
