import type { PlatformName } from "./cancellation.ts";

// Addresses the relay calls: what may be said of them before any name is resolved.

export const HTTPS_OR_LOOPBACK = "must be https, or http to a loopback address";

/** https anywhere, or http to this machine itself. */
export function isHttpsOrLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** @param host as in `URL.hostname`: IPv6 may stand in brackets */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Below these domains each platform's stores have their APIs, where they have no domain of their own. */
export const API_DOMAINS: Readonly<Record<PlatformName, string>> = {
  shopline: "myshopline.com",
  shoplazza: "myshoplaza.com",
  fastpod: "fastpod.net",
};

/**
 * Names that lead nowhere on the public internet. The rest is for whoever connects to see: this is to say it at once.
 * Those that are set apart for documents and tests (RFC 2606) are as good as `.example`: `apply` warns of them like of any.
 * @see IANA, "Special-Use Domain Names"; ICANN's resolution 2024.07.29.06 on `internal`
 */
const NOT_PUBLIC_ENDS = ["localhost", "local", "internal", "lan", "arpa", "onion", "alt"];

/**
 * Whether a store's API token may be sent to this address: https to any public name, to loopback, or to the one host
 * that the store's settings hold it to (decision 28). To which machine a name leads is seen when connecting.
 *
 * @param allowHost as in `URL.host`: small ASCII letters, the port where it is not 443; null: none
 * @returns what is wrong and what to do, for a sentence about `api.url`; null: nothing. Of the address it names the host alone
 */
export function apiAddressProblem(
  platform: PlatformName,
  address: string,
  allowHost: string | null,
): string | null {
  if (!URL.canParse(address)) return HTTPS_OR_LOOPBACK;
  const { hostname, host, username, password } = new URL(address);
  if (username !== "" || password !== "") return "may hold no name and no password: give api.token";
  if (!isHttpsOrLoopback(address)) return HTTPS_OR_LOOPBACK;
  if (allowHost !== null && allowHost !== host) {
    return `leads to ${host}, and api.allow_host allows another: mend one of them, or take api.allow_host out`;
  }
  if (isLoopback(hostname)) return null;
  if (isIpAddress(hostname)) return `leads to ${hostname}: give the API's name, not an IP address`;
  if (hostname.endsWith(".")) return `leads to ${hostname}: write it without the dot at its end`;
  if (allowHost !== null || isBelow(hostname, API_DOMAINS[platform])) return null;
  return nameProblem(platform, address);
}

/** What a name by itself tells that is surely not meant. */
function nameProblem(platform: PlatformName, address: string): string | null {
  const { hostname, host } = new URL(address);
  if (!isPublicName(hostname)) {
    return `leads to ${host}, which is no name of the public internet: give the one by which all find the API`;
  }
  const others = (Object.keys(API_DOMAINS) as PlatformName[]).filter((one) => one !== platform);
  const other = others.find((one) => isBelow(hostname, API_DOMAINS[one]));
  if (other !== undefined) {
    return `leads to ${host}, where ${other} has its APIs, and this store's platform is ${platform}: mend one of them`;
  }
  // A letter of another alphabet looks like one of ours; as `xn--` one sees it.
  const isHidden = hostname.includes("xn--") && !address.toLowerCase().startsWith(`https://${hostname}`);
  return isHidden ? `leads to ${host}: write it so, that one sees which letters it has` : null;
}

/**
 * A look-alike of the platform's own domain is a name like any other: so where a token goes beyond it is told, until
 * `allow_host` says that it is meant.
 * @returns where a store's API token goes that nobody may have looked at; null: nowhere such
 */
export function apiElsewhere(
  platform: PlatformName,
  api: { url: string; allow_host: string | null },
): string | null {
  if (api.allow_host !== null || apiAddressProblem(platform, api.url, null) !== null) return null;
  const { hostname, host } = new URL(api.url);
  const domain = API_DOMAINS[platform];
  if (isLoopback(hostname) || isBelow(hostname, domain)) return null;
  return `its API token goes to ${host}, which is not below ${domain}: if that is the store's own, api.allow_host: "${host}" says so, and holds it there`;
}

/** @param hostname as in `URL.hostname`, which writes every form of an IPv4 address with four decimals */
function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}

/** Of a house's own network, of this link, of a carrier's: no store is in there. */
const PRIVATE_IPV4 =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/**
 * Stores call https addresses only, and from the internet.
 * @param address RELAY_PUBLIC_URL
 * @returns why none of them gets there, as far as the address tells by itself, and what to do; null: they may
 */
export function whyUnreachable(address: string): string | null {
  const { protocol, hostname, origin } = new URL(address);
  if (protocol !== "https:" && !isLoopback(hostname)) {
    return `stores call https addresses only, and RELAY_PUBLIC_URL is ${origin}: set it to this relay's public https address`;
  }
  if (isLoopback(hostname)) {
    return `RELAY_PUBLIC_URL (${origin}) is this machine alone: set it to an https address that the store can reach`;
  }
  const isInside = isIpAddress(hostname)
    ? PRIVATE_IPV4.test(hostname) || /^\[(?:::1?\]|f[cde])/.test(hostname)
    : !isPublicName(hostname);
  return isInside
    ? `RELAY_PUBLIC_URL (${origin}) is no address of the public internet: set it to the one by which stores and the printer cloud find this relay`
    : null;
}

function isPublicName(hostname: string): boolean {
  const labels = hostname.split(".");
  return labels.length > 1 && labels.every(isLabel) && !NOT_PUBLIC_ENDS.includes(labels.at(-1) ?? "");
}

function isBelow(hostname: string, domain: string): boolean {
  const labels = hostname.endsWith(`.${domain}`) ? hostname.slice(0, -domain.length - 1).split(".") : [];
  return labels.length > 0 && labels.every(isLabel);
}

function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}
