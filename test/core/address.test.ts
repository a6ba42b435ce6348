import { describe, expect, test } from "vitest";
import { apiAddressProblem, isHttpsOrLoopback } from "../../src/core/address.ts";
import { applyFileSchema } from "../../src/core/settings.ts";

test("https anywhere, http only to this machine", () => {
  const addresses = ["https://a.example", "http://127.0.0.1:1", "http://localhost", "http://[::1]:2"];
  expect(addresses.map(isHttpsOrLoopback)).toEqual([true, true, true, true]);
  const others = [
    "http://a.example",
    "http://127.0.0.1.evil.example",
    "http://localhost.",
    "http://localhost.evil.example",
    "ftp://localhost",
    "https://u:p@a.example",
    "x",
  ];
  expect(others.filter(isHttpsOrLoopback)).toEqual([]);
});

const problem = (address: string, allowHost: string | null = null): string | null =>
  apiAddressProblem("shopline", address, allowHost);

describe("a store's API", () => {
  test.each([
    ["shopline", "https://demo.myshopline.com"],
    ["shopline", "HTTPS://Demo.MyShopLine.COM:443/admin/"],
    // The URL standard maps these letters and dots to ASCII: the host is the platform's.
    ["shopline", "https://ｄｅｍｏ.myshopline。com"],
    ["shopline", "https:\\\\demo.myshopline.com\\@evil.example"],
    ["shoplazza", "https://my-shop.myshoplaza.com"],
    ["fastpod", "https://api-v2.fastpod.net"],
    ["fastpod", "https://eu.api-v2.fastpod.net/v1"],
  ] as const)("of %s may be at %s", (platform, address) => {
    expect(apiAddressProblem(platform, address, null)).toBeNull();
  });

  test.each(["http://127.0.0.1:9", "https://127.1", "https://localhost:8443", "http://[::1]:1/x"])(
    "may be on this machine: %s",
    (address) => expect(problem(address)).toBeNull(),
  );

  test.each([
    // Names that only look like the platform's.
    ["https://myshopline.com", "leads to myshopline.com"],
    ["https://demomyshopline.com", "leads to demomyshopline.com"],
    ["https://demo.myshopline.com.evil.example", "leads to demo.myshopline.com.evil.example"],
    ["https://evil.example/demo.myshopline.com", "leads to evil.example,"],
    ["https://evil.example#.myshopline.com", "leads to evil.example,"],
    ["https://evil.example?.myshopline.com", "leads to evil.example,"],
    ["https://demo.mysh\u043epline.com", "leads to demo.xn--myshpline-32h.com"],
    ["https://demo.myshoplaza.com", "leads to demo.myshoplaza.com"],
    ["https://demo.myshopline.com.", "without the dot"],
    ["https://.myshopline.com", "leads to .myshopline.com"],
    ["https://a..myshopline.com", "leads to a..myshopline.com"],
    ["https://a_b.myshopline.com", "leads to a_b.myshopline.com"],
    ["https://demo.myshopline.com:8443", "leads to demo.myshopline.com:8443"],
    ["https://demo.myshopline.com:22", "leads to demo.myshopline.com:22"],
    // No names at all, in every way to write them.
    ["https://169.254.169.254/latest/meta-data", "leads to 169.254.169.254: give the API's name"],
    ["https://2852039166", "leads to 169.254.169.254"],
    ["https://0xa9.0xfe.0xa9.0xfe", "leads to 169.254.169.254"],
    ["https://0251.0376.0251.0376", "leads to 169.254.169.254"],
    ["https://１６９.254.169.254", "leads to 169.254.169.254"],
    ["https://10.1", "leads to 10.0.0.1"],
    ["https://8.8.8.8", "leads to 8.8.8.8"],
    ["https://[fd00:ec2::254]", "leads to [fd00:ec2::254]"],
    ["https://[::ffff:127.0.0.1]", "leads to [::ffff:7f00:1]"],
    ["https://[::]", "leads to [::]"],
    ["https://0.0.0.0", "leads to 0.0.0.0"],
    // This machine by another name.
    ["https://localhost.", "without the dot"],
    ["https://sub.localhost", "leads to sub.localhost"],
    // Names and passwords, other schemes, no address.
    ["https://demo.myshopline.com@evil.example", "no name and no password"],
    ["https://:secret@demo.myshopline.com", "no name and no password"],
    ["http://demo.myshopline.com", "must be https"],
    ["file:///etc/passwd", "must be https"],
    ["gopher://127.0.0.1:70", "must be https"],
    ["https://demo.myshopline.com%00.evil.example", "must be https"],
    ["https://[fe80::1%25eth0]", "must be https"],
    ["demo.myshopline.com", "must be https"],
    ["", "must be https"],
  ])("is not at %s", (address, words) => {
    expect(problem(address)).toContain(words);
  });

  test("may be elsewhere where the settings name the very host", () => {
    expect(problem("https://shop.example.com/admin", "shop.example.com")).toBeNull();
    expect(problem("https://SHOP.example.com:8443", "shop.example.com:8443")).toBeNull();
    expect(problem("https://demo.myshopline.com", "demo.myshopline.com")).toBeNull();
    for (const [address, host] of [
      ["https://shop.example.com:8443", "shop.example.com"],
      ["https://a.shop.example.com", "shop.example.com"],
      ["https://shop.example.com", "example.com"],
      ["https://shop.example.com", "*.example.com"],
      ["https://sh\u043ep.example.com", "sh\u043ep.example.com"],
      ["https://demo.myshopline.com", "shop.example.com"],
      ["http://127.0.0.1:9", "shop.example.com"],
    ] as const) {
      expect(problem(address, host), address).toContain("api.allow_host allows another");
    }
  });

  test("is allowed by no name at an IP address, over http, or with a dot at its end", () => {
    expect(problem("https://10.0.0.1", "10.0.0.1")).toContain("not an IP address");
    expect(problem("https://[fd00::1]", "[fd00::1]")).toContain("not an IP address");
    expect(problem("http://shop.example.com", "shop.example.com")).toContain("must be https");
    expect(problem("https://shop.example.com.", "shop.example.com.")).toContain("without the dot");
  });

  test("that is refused says which host, how to allow it, and nothing else of the address", () => {
    const words = problem("https://shop.example.com:8443/admin?key=SECRET#SECRET");
    expect(words).toBe(
      "leads to shop.example.com:8443, and not to https://….myshopline.com as this platform's do: mend it or, " +
        'where this is the store\'s API all the same, give api.allow_host: "shop.example.com:8443"',
    );
  });
});

describe("in the apply file", () => {
  const file = (platform: string, api: object): unknown => ({
    stores: [{ name: "a", platform, printer: "p", ...(platform === "fastpod" && { tokens }), api }],
  });
  const tokens = ["T".repeat(32)];
  test.each([
    ["shopline", "https://demo.myshoplaza.com"],
    ["shoplazza", "https://demo.myshopline.com"],
    ["fastpod", "https://demo.myshopline.com"],
  ])("%s has an address of its own, not %s, and says so at api.url", (platform, url) => {
    const parsed = applyFileSchema.safeParse(file(platform, { url, token: "t" }));
    expect(parsed.error?.issues).toMatchObject([
      { path: ["stores", 0, "api", "url"], message: expect.stringContaining("api.allow_host") as string },
    ]);
    const { host } = new URL(url);
    const [store] = applyFileSchema.parse(file(platform, { url, token: "t", allow_host: host })).stores;
    expect(store?.api).toMatchObject({ url, allow_host: host });
  });
});
