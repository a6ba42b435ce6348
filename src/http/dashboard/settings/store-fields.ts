import { API_DOMAINS } from "../../../core/address.ts";
import type { PlatformName } from "../../../core/cancellation.ts";
import { storeInput, type PrinterSettings, type StoreSettings } from "../../../core/settings.ts";
import { bareAddress } from "../../../answers/json.ts";
import type { Field, Problems, Values } from "./form.ts";
import { nameField } from "./printer-fields.ts";
import { numberIn, orDefault } from "./read.ts";

/** As people write it. */
export const PLATFORM_TITLES: Readonly<Record<PlatformName, string>> = {
  shopline: "SHOPLINE",
  shoplazza: "Shoplazza",
  fastpod: "FastPOD",
};

/** What each vendor calls the key that signs its webhooks. */
export const SECRET_NAMES: Readonly<Record<Exclude<PlatformName, "fastpod">, string>> = {
  shopline: "App secret",
  shoplazza: "App's Client Secret",
};

const FASTPOD_API = "https://api-v2.fastpod.net";

/** @param stored null: a new store */
export function storeFields(
  platform: PlatformName,
  stored: StoreSettings | null,
  printers: readonly PrinterSettings[],
): Field[] {
  const own = platform === "fastpod" ? fastpodFields(stored) : signedFields(platform, stored);
  const printer: Field = {
    name: "printer",
    label: "Prints on",
    control: {
      kind: "choice",
      options: printers.map(({ name }) => ({ value: name, label: name })),
    },
  };
  const unusual: Field[] = [
    {
      name: "order_id_from",
      label: "Order number that Goodcom is sent",
      control: {
        kind: "choice",
        options: [
          { value: "id", label: "the platform's own id of the order" },
          { value: "name", label: "the order's name, as people call it" },
        ],
      },
    },
    {
      name: "ignore_older_than_s",
      label: "Do not print what was cancelled longer ago than, in seconds",
      hint: "Empty: print whatever its age. It is recorded either way.",
      control: { kind: "number", min: 1, max: 31_536_000 },
    },
  ];
  const name = stored === null ? [nameField("noodle-bar")] : [];
  return [...name, printer, ...own, ...unusual.map((field) => ({ ...field, more: true as const }))];
}

function signedFields(platform: Exclude<PlatformName, "fastpod">, stored: StoreSettings | null): Field[] {
  const secret: Field = {
    name: "secret",
    label: SECRET_NAMES[platform],
    hint: "It signs the webhooks. Until the relay has it, all of them are refused; you may give it later.",
    control: { kind: "secret", kept: false },
  };
  const shopId: Field = {
    name: "shop_id",
    label: "Shop id",
    hint:
      platform === "shopline"
        ? "The store_id of its webhooks. Where it is set, a webhook that names another shop is refused."
        : "The shop's domain. Where it is set, a webhook that names another shop is refused.",
    control: { kind: "text", charsMax: 200 },
    more: true,
  };
  const { url, token, allow_host } = apiFields(platform, stored);
  const api = [url, token, versionField(platform), allow_host].map((field) => ({
    ...field,
    more: true as const,
  }));
  // A stored secret is changed by rotating it: then the old one stays good for a while.
  return [...(stored === null ? [secret] : []), shopId, ...api];
}

function fastpodFields(stored: StoreSettings | null): Field[] {
  const { url, token, allow_host } = apiFields("fastpod", stored);
  return [
    {
      ...url,
      hint: "FastPOD's webhooks are unsigned, so its API is asked before anything prints.",
    },
    token,
    {
      name: "test_orders",
      label: "FastPOD's test orders",
      control: {
        kind: "choice",
        options: [
          { value: "ignore", label: "record, do not print" },
          { value: "print", label: "print, marked TEST" },
        ],
      },
    },
    {
      name: "currency",
      label: "Currency",
      hint: "FastPOD's orders name none. Three letters, such as USD.",
      control: { kind: "text", charsMax: 3 },
    },
    {
      name: "trust_body",
      label: "Print without asking FastPOD's API",
      hint: "Then whoever learns the webhook's address can make the printer print.",
      control: { kind: "check" },
      more: true,
    },
    { ...allow_host, more: true },
  ];
}

/** What a token needs for everything that the relay can do at a store. */
const TOKEN_NEEDS: Readonly<Record<PlatformName, string>> = {
  shopline: "Its app needs read_orders; and write_orders, to cancel orders from here.",
  shoplazza: "Its app needs read_order; and write_order, to cancel orders from here.",
  fastpod: "It must be let read orders; and cancel them, to do so from here. FastPOD publishes no scopes.",
};

/** FastPOD's API has none. */
function versionField(platform: Exclude<PlatformName, "fastpod">): Field {
  return {
    name: "api.version",
    label: "Version of the store's API",
    hint: `Optional, such as ${platform === "shopline" ? "v20250601" : "2025-06"}.`,
    control: { kind: "text", charsMax: 40 },
  };
}

function apiFields(
  platform: PlatformName,
  stored: StoreSettings | null,
): Record<"url" | "token" | "allow_host", Field> {
  const kept = stored !== null && stored.api !== null;
  return {
    url: {
      name: "api.url",
      label: "Address of the store's API",
      hint: "Optional; https. With it the relay subscribes, fetches what was missed, and cancels orders from here.",
      control: { kind: "text", charsMax: 500 },
    },
    token: {
      name: "api.token",
      label: "Token for the store's API",
      hint: `${kept ? "Kept as it is while this stays empty. " : ""}${TOKEN_NEEDS[platform]}`,
      control: { kind: "secret", kept },
    },
    allow_host: {
      name: "api.allow_host",
      label: "Host that the API's address may lead to",
      hint: `Optional: holds the address to this host. Worth it where that is not below ${API_DOMAINS[platform]}; in the settings file: api.allow_host.`,
      control: { kind: "text", charsMax: 300 },
    },
  };
}

/** As the form shows a store; never a secret, and of the API's address no query, which may hold a key. */
export function storeValues(store: StoreSettings): Values {
  return new Map([
    ["name", store.name],
    ["printer", store.printer],
    ["shop_id", store.shop_id ?? ""],
    ["order_id_from", store.order_id_from],
    ["ignore_older_than_s", store.ignore_older_than_s === null ? "" : String(store.ignore_older_than_s)],
    ["api.url", store.api === null ? "" : bareAddress(store.api.url)],
    ["api.version", store.api?.version ?? ""],
    ["api.allow_host", store.api?.allow_host ?? ""],
    ["currency", store.currency ?? ""],
    ["trust_body", store.trust_body ? "on" : ""],
    ["test_orders", store.test_orders],
  ]);
}

/** What the form for a new one begins with. */
export function newStoreValues(platform: PlatformName, printer: string): Values {
  const common = new Map([
    ["printer", printer],
    ["order_id_from", "id"],
  ]);
  if (platform !== "fastpod") return common;
  return new Map([
    ...common,
    ["api.url", FASTPOD_API],
    ["currency", "USD"],
    ["trust_body", ""],
    ["test_orders", "ignore"],
  ]);
}

/**
 * What was typed as the apply file would write it, for the schema to read.
 * @param token a new FastPOD store's own
 */
export function newStoreInput(platform: PlatformName, typed: Values, token: string): unknown {
  const secret = typed.get("secret") ?? "";
  const proof = platform === "fastpod" ? { tokens: [token] } : { secrets: secret === "" ? [] : [secret] };
  return { ...told(platform, typed, null), ...proof, name: typed.get("name") ?? "", platform };
}

export function storedStoreInput(stored: StoreSettings, typed: Values): unknown {
  return { ...storeInput(stored), ...told(stored.platform, typed, stored) };
}

function told(platform: PlatformName, typed: Values, stored: StoreSettings | null): object {
  const text = (name: string): string => typed.get(name) ?? "";
  const common = {
    printer: text("printer"),
    order_id_from: text("order_id_from"),
    ignore_older_than_s: numberIn(text("ignore_older_than_s")),
    api: apiInput(typed, stored),
  };
  if (platform !== "fastpod") return { ...common, shop_id: orDefault(text("shop_id")) };
  return {
    ...common,
    currency: orDefault(text("currency").toUpperCase()),
    trust_body: text("trust_body") !== "",
    test_orders: text("test_orders"),
  };
}

function apiInput(typed: Values, stored: StoreSettings | null): object | undefined {
  const of = (part: string): string => typed.get(`api.${part}`) ?? "";
  const [url, token] = [of("url"), of("token")];
  if (url === "" && token === "") return undefined;
  const kept = stored?.api ?? null;
  const sameAddress = kept !== null && url === bareAddress(kept.url);
  return {
    url: sameAddress ? kept.url : url,
    // A stored token is sent to nowhere but where it was given for.
    token: token === "" && sameAddress ? kept.token : token,
    version: orDefault(of("version")),
    allow_host: orDefault(of("allow_host")),
  };
}

/** What the schema cannot know: whether the address was changed under a token that nobody typed again. */
export function movedToken(stored: StoreSettings, typed: Values): Problems {
  const url = typed.get("api.url") ?? "";
  const moved =
    stored.api !== null &&
    url !== "" &&
    url !== bareAddress(stored.api.url) &&
    (typed.get("api.token") ?? "") === "";
  return moved
    ? new Map([
        ["api.token", "give the token again: the stored one is not sent to another address than before"],
      ])
    : new Map();
}
