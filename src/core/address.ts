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

/** Below these domains each platform's stores have their APIs. */
export const API_DOMAINS: Readonly<Record<PlatformName, string>> = {
  shopline: "myshopline.com",
  shoplazza: "myshoplaza.com",
  fastpod: "fastpod.net",
};

/**
 * Whether a store's API token may be sent to this address: below the platform's own domain, to loopback, or to the one
 * host that the store's settings allow by name (decision 28). To which machine a name leads is seen when connecting.
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
  const { hostname, host, port, username, password } = new URL(address);
  if (username !== "" || password !== "") return "may hold no name and no password: give api.token";
  if (!isHttpsOrLoopback(address)) return HTTPS_OR_LOOPBACK;
  if (allowHost !== null && allowHost !== host) {
    return `leads to ${host}, and api.allow_host allows another: mend one of them, or take api.allow_host out`;
  }
  if (isLoopback(hostname)) return null;
  if (isIpAddress(hostname)) return `leads to ${hostname}: give the API's name, not an IP address`;
  if (hostname.endsWith(".")) return `leads to ${hostname}: write it without the dot at its end`;
  if (allowHost !== null || (port === "" && isBelow(hostname, API_DOMAINS[platform]))) return null;
  return (
    `leads to ${host}, and not to https://….${API_DOMAINS[platform]} as this platform's do: mend it or, ` +
    `where this is the store's API all the same, give api.allow_host: "${host}"`
  );
}

/** @param hostname as in `URL.hostname`, which writes every form of an IPv4 address with four decimals */
function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}

function isBelow(hostname: string, domain: string): boolean {
  const labels = hostname.endsWith(`.${domain}`) ? hostname.slice(0, -domain.length - 1).split(".") : [];
  return labels.length > 0 && labels.every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label));
}
