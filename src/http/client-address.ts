import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Who sent a request, as Express's `req.ip` tells it under the same `trust proxy`, for what stands in front of Express.
 *
 * @param trustProxy how many proxies in front append to X-Forwarded-For; what is left of theirs anybody may have written
 * @returns an IP address; the connection's own where the header has none. Empty: the connection is gone
 */
export function clientAddressOf(req: IncomingMessage, trustProxy: number): string {
  const own = req.socket.remoteAddress ?? "";
  const forwarded = req.headers["x-forwarded-for"];
  if (trustProxy === 0 || typeof forwarded !== "string") return own;
  const hops = forwarded.split(",");
  const address = withoutPort((hops[Math.max(0, hops.length - trustProxy)] ?? "").trim());
  return isIP(address) === 0 ? own : address;
}

/** Some proxies write the port, too, and IPv6 in brackets. */
function withoutPort(hop: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? [];
  return inBrackets ?? plain ?? hop;
}

const IPV6_GROUPS = 8;
/** Those of a /64. */
const SUBSCRIBER_GROUPS = 4;

/** One IPv6 subscriber holds a whole /64: its addresses count as one. */
export function networkOf(address: string): string {
  const mapped = mappedIpv4(address);
  if (mapped !== null) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  while (address.includes("::") && groups.length + after.length < IPV6_GROUPS) groups.push("0");
  const prefix = [...groups, ...after].slice(0, SUBSCRIBER_GROUPS);
  return `${prefix.map((group) => group.replace(/^0+(?=.)/, "").toLowerCase()).join(":")}::/64`;
}

/** @returns the IPv4 address that an IPv6 one stands for, in whatever form it is written (RFC 4291, 2.5.5.2) */
function mappedIpv4(address: string): string | null {
  if (isIP(address) !== 6 || !URL.canParse(`http://[${address}]`)) return null;
  const { hostname } = new URL(`http://[${address}]`);
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return null;
  const [upper, lower] = [parseInt(high, 16), parseInt(low, 16)];
  return [upper >> 8, upper & 0xff, lower >> 8, lower & 0xff].join(".");
}
