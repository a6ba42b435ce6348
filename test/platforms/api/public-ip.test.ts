import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLoopbackIp, isPublicIp } from "../../../src/platforms/api/public-ip.ts";

// By hand from IANA's special-purpose and multicast registries: first and last address of each block, and the
// neighbours outside it where these are ordinary.

describe("IPv4 that is not public", () => {
  test.each([
    ["this network (RFC 791)", "0.0.0.0", "0.255.255.255"],
    ["private (RFC 1918)", "10.0.0.0", "10.255.255.255"],
    ["shared (RFC 6598)", "100.64.0.0", "100.127.255.255"],
    ["Alibaba's metadata", "100.100.100.200", "100.100.100.200"],
    ["loopback (RFC 1122)", "127.0.0.0", "127.255.255.255"],
    ["Azure's own services", "168.63.129.16", "168.63.129.16"],
    ["link-local (RFC 3927)", "169.254.0.0", "169.254.255.255"],
    ["clouds' metadata", "169.254.169.254", "169.254.170.2"],
    ["private (RFC 1918)", "172.16.0.0", "172.31.255.255"],
    ["protocol assignments (RFC 6890)", "192.0.0.0", "192.0.0.255"],
    ["Oracle's metadata", "192.0.0.192", "192.0.0.192"],
    ["documentation (RFC 5737)", "192.0.2.0", "192.0.2.255"],
    ["6to4 relays (RFC 7526)", "192.88.99.0", "192.88.99.255"],
    ["private (RFC 1918)", "192.168.0.0", "192.168.255.255"],
    ["benchmarks (RFC 2544)", "198.18.0.0", "198.19.255.255"],
    ["documentation (RFC 5737)", "198.51.100.0", "198.51.100.255"],
    ["documentation (RFC 5737)", "203.0.113.0", "203.0.113.255"],
    ["multicast (RFC 5771)", "224.0.0.0", "239.255.255.255"],
    ["reserved (RFC 1112), broadcast (RFC 919)", "240.0.0.0", "255.255.255.255"],
  ])("%s: %s to %s, also inside IPv6", (_what, first, last) => {
    for (const address of [first, last]) {
      for (const form of [
        address,
        `::ffff:${address}`,
        `64:ff9b::${address}`,
        `::${address}`,
        hexOf(address),
      ])
        expect(isPublicIp(form), form).toBe(false);
    }
  });
});

describe("IPv6 that is not public", () => {
  test.each([
    ["unspecified, loopback (RFC 4291)", "::", "::1"],
    ["IPv4-compatible, withdrawn (RFC 4291)", "::8.8.8.8", "::808:808"],
    ["NAT64 of one's own (RFC 8215)", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:808:808"],
    ["IPv4-translated (RFC 2765)", "::ffff:0:8.8.8.8", "::ffff:0:a9fe:a9fe"],
    ["discard (RFC 6666)", "100::", "100::ffff:ffff:ffff:ffff"],
    ["Teredo (RFC 4380)", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["benchmarks (RFC 5180)", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"],
    ["ORCHID (RFC 7343)", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["protocol assignments (RFC 2928)", "2001:100::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["documentation (RFC 3849)", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["6to4 (RFC 3056)", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["6to4 of 169.254.169.254 and of 8.8.8.8", "2002:a9fe:a9fe::1", "2002:808:808::1"],
    ["documentation (RFC 9637)", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["SRv6 (RFC 9602)", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["not assigned", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["unique local (RFC 4193)", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["Amazon's and Google's metadata", "fd00:ec2::254", "fd20:ce::254"],
    ["link-local (RFC 4291), with a zone", "fe80::", "fe80::a9fe:a9fe%eth0"],
    ["link-local, the last; site-local (RFC 3879)", "febf:ffff::1", "fec0::1"],
    ["multicast (RFC 4291)", "ff00::", "ff02::1"],
  ])("%s: %s and %s", (_what, first, last) => {
    expect([first, last].filter(isPublicIp)).toEqual([]);
  });
});

test.each([
  ...["1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
  ...["128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255"],
  ...["172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0"],
  ...["192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0"],
  ...["203.0.112.255", "203.0.114.0", "223.255.255.255"],
])("%s is public, and what leads to it through NAT64 or as a mapped address", (address) => {
  for (const form of [address, `::ffff:${address}`, `64:ff9b::${address}`]) {
    expect(isPublicIp(form), form).toBe(true);
  }
});

test.each([
  ...["2001:200::", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2606:4700::1111"],
  ...["2a00:1450:4001:80f::200e", "3ffe:ffff::1", "3fff:1000::1", "2000::1"],
])("%s is public", (address) => expect(isPublicIp(address)).toBe(true));

test.each(["", "localhost", "8.8.8", "0x08080808", "134744072", "08.8.8.8", "8.8.8.8 ", "[2606:4700::1111]"])(
  "%j is no address, so none that is public",
  (text) => expect([isPublicIp(text), isLoopbackIp(text)]).toEqual([false, false]),
);

test("loopback is 127/8 and ::1, and no other form of them", () => {
  expect(["127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"].filter(isLoopbackIp)).toHaveLength(4);
  const others = ["126.255.255.255", "128.0.0.0", "0.0.0.0", "::", "::2", "::ffff:127.0.0.1", "10.0.0.1"];
  expect(others.filter(isLoopbackIp)).toEqual([]);
});

test("an IPv4 address and the IPv6 forms that lead to it are public together", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      for (const before of ["::ffff:", "64:ff9b::"])
        expect(isPublicIp(before + address)).toBe(isPublicIp(address));
      expect(isPublicIp(hexOf(address))).toBe(isPublicIp(address));
    }),
  );
});

test("nothing outside 2000::/3 is public but what leads to IPv4", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const inside = /^[23][0-9a-f]{3}:/i.test(address);
      const leads = /^(::ffff:|0*64:ff9b:)/i.test(address);
      fc.pre(!inside && !leads);
      expect(isPublicIp(address)).toBe(false);
    }),
  );
});

/** As resolvers write a mapped address: ::ffff:a00:1. */
function hexOf(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
  return `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}
