import { BlockList, isIP } from "node:net";

type Net = readonly [address: string, prefix: number];

/**
 * IPv4 that is nobody's on the public internet.
 * @see IANA, "IPv4 Special-Purpose Address Registry" and "IPv4 Multicast Address Space Registry"; read 2026-11
 */
const NOT_PUBLIC_IPV4: readonly Net[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // shared by carriers; Alibaba's metadata
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // public by its looks: Azure's own services for a virtual machine
  ["169.254.0.0", 16], // link-local; most clouds' metadata
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments; Oracle's metadata
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays, withdrawn
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
];

/** An IPv4 address at the end of an IPv6 one, by how the system connects to it. */
const MAPPED = "::ffff:";
/** NAT64's well-known prefix: what resolvers of networks without IPv4 give for a public IPv4 address. */
const NAT64 = "64:ff9b::";
const IPV4_FROM_BIT = 96;

/**
 * Everything IPv6 that may be public: the rest (loopback, link-local, unique local, multicast, IPv4-compatible, other
 * NAT64 prefixes, unassigned) lies outside.
 * @see IANA, "IPv6 Global Unicast Address Assignments" and "IPv6 Special-Purpose Address Registry"; read 2026-11
 */
const PERHAPS_PUBLIC_IPV6: readonly Net[] = [
  ["2000::", 3],
  [`${MAPPED}0.0.0.0`, IPV4_FROM_BIT],
  [`${NAT64}0.0.0.0`, IPV4_FROM_BIT],
];
const NOT_PUBLIC_IPV6: readonly Net[] = [
  ["2001::", 23], // protocol assignments: Teredo, ORCHID, benchmarks
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: leads to an IPv4 address
  ["3fff::", 20], // documentation
  ...[MAPPED, NAT64].flatMap((before) =>
    NOT_PUBLIC_IPV4.map(([address, prefix]): Net => [before + address, IPV4_FROM_BIT + prefix]),
  ),
];

// A list for each family: in a common one IPv4 addresses would meet the rules for ::ffff:0:0/96.
const notPublicIpv4 = listOf(NOT_PUBLIC_IPV4, "ipv4");
const perhapsPublicIpv6 = listOf(PERHAPS_PUBLIC_IPV6, "ipv6");
const notPublicIpv6 = listOf(NOT_PUBLIC_IPV6, "ipv6");
const loopbackIpv4 = listOf([["127.0.0.0", 8]], "ipv4");
const loopbackIpv6 = listOf([["::1", 128]], "ipv6");

/** Whether this is one machine's address on the public internet. @param address as a resolver gives it, without brackets */
export function isPublicIp(address: string): boolean {
  if (isIP(address) === 4) return !notPublicIpv4.check(address, "ipv4");
  return (
    isIP(address) === 6 && perhapsPublicIpv6.check(address, "ipv6") && !notPublicIpv6.check(address, "ipv6")
  );
}

export function isLoopbackIp(address: string): boolean {
  if (isIP(address) === 4) return loopbackIpv4.check(address, "ipv4");
  return isIP(address) === 6 && loopbackIpv6.check(address, "ipv6");
}

function listOf(nets: readonly Net[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of nets) list.addSubnet(address, prefix, family);
  return list;
}
