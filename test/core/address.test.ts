import { describe, expect, test } from "vitest";
import { apiAddressProblem, apiElsewhere, isHttpsOrLoopback } from "../../src/core/address.ts";
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
    "https://shop.example.com/admin",
    "https://SHOP.example.com:8443",
    "https://demo.myshopline.com:8443",
    "https://myshopline.com",
    "https://xn--bcher-kva.example",
    "https://XN--bcher-kva.example:8443/x",
    "https://shop.test",
    "https://shop.invalid",
  ])("bug: %s is https, as the contract has it, and was refused without api.allow_host", (address) => {
    expect(problem(address)).toBeNull();
  });

  test.each([
    // What is seen at once: where another platform is, letters that only look like ours, no name at all.
    ["https://demo.myshoplaza.com", "where shoplazza has its APIs, and this store's platform is shopline"],
    ["https://api-v2.fastpod.net", "where fastpod has its APIs"],
    ["https://demo.mysh\u043epline.com", "leads to demo.xn--myshpline-32h.com: write it so"],
    ["https://b\u00fccher.example/xn--bcher-kva.example", "leads to xn--bcher-kva.example: write it so"],
    ["https://demo.myshopline.com.", "without the dot"],
    ["https://.myshopline.com", "leads to .myshopline.com, which is no name of the public internet"],
    ["https://a..myshopline.com", "leads to a..myshopline.com"],
    ["https://a_b.myshopline.com", "leads to a_b.myshopline.com"],
    [`https://${"a".repeat(64)}.example.com`, "no name of the public internet"],
    // Names that no public resolver knows.
    ["https://intranet", "leads to intranet, which is no name of the public internet"],
    ["https://metadata.google.internal", "leads to metadata.google.internal, which is no name"],
    ["https://printer.local:8443", "leads to printer.local:8443, which is no name"],
    ["https://router.lan", "no name of the public internet"],
    ["https://nas.home.arpa", "no name of the public internet"],
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

  test("is held to the very host that the settings name", () => {
    expect(problem("https://shop.example.com/admin", "shop.example.com")).toBeNull();
    expect(problem("https://demo.myshoplaza.com", "demo.myshoplaza.com")).toBeNull();
    // As until now: whoever names the very host has looked at it, and where it leads is seen when connecting.
    expect(problem("https://shop.lan", "shop.lan")).toBeNull();
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

  test("that is refused says which host, and nothing else of the address", () => {
    const words = problem("https://shop.internal:8443/admin?key=SECRET#SECRET");
    expect(words).toBe(
      "leads to shop.internal:8443, which is no name of the public internet: give the one by which all find the API",
    );
  });

  test("beyond the platform's domain is told until allow_host says that it is meant: it may be a look-alike", () => {
    const elsewhere = (url: string, allow_host: string | null = null) =>
      apiElsewhere("shopline", { url, allow_host });
    for (const [url, host] of [
      ["https://demo.myshopline.com.evil.example", "demo.myshopline.com.evil.example"],
      ["https://demomyshopline.com", "demomyshopline.com"],
      ["https://evil.example:8443/demo.myshopline.com?key=SECRET", "evil.example:8443"],
      ["https://evil.example#.myshopline.com", "evil.example"],
    ] as const) {
      expect(elsewhere(url)).toBe(
        `its API token goes to ${host}, which is not below myshopline.com: if that is the store's own, ` +
          `api.allow_host: "${host}" says so, and holds it there`,
      );
      expect(elsewhere(url, host)).toBeNull();
    }
    for (const url of ["https://demo.myshopline.com", "http://127.0.0.1:9", "https://intranet", "x"]) {
      expect(elsewhere(url), url).toBeNull();
    }
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
      {
        path: ["stores", 0, "api", "url"],
        message: expect.stringContaining("this store's platform is") as string,
      },
    ]);
    const { host } = new URL(url);
    const [store] = applyFileSchema.parse(file(platform, { url, token: "t", allow_host: host })).stores;
    expect(store?.api).toMatchObject({ url, allow_host: host });
  });
});
