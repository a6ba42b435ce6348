import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { ADMIN, createBench, type Bench } from "./fakes.ts";
import { applicationOf } from "./routes.ts";
import { aDetail, aWebhook } from "./samples.ts";
import { visitorOf } from "./visitor.ts";

// What every answer says of itself to a browser. The policies are written out here as Content Security Policy 3
// has them, so that a word more in ours is seen.
const PAGES = [
  ...["default-src 'none'", "style-src 'self'", "img-src 'self'", "script-src 'self'", "connect-src 'self'"],
  ...["form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"],
];
const DRAWING = [
  ...["default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'", "sandbox"],
];

const { routes } = applicationOf(createBench());
const GETS = [
  ...new Set(
    routes.filter(({ method, path }) => method === "GET" && path !== "/live").map(({ path }) => path),
  ),
  // What is no page of ours, and what is a problem's page.
  ...["/nothing-here", "/deliveries/NOPE", "/deliveries?limit=x", "/webhooks?status=<x>", "/stores/nope"],
  ...[
    "/%zz",
    "//evil.test/",
    "//evil.test/deliveries",
    "/deliveries/%3Cscript%3E",
    "/api/v1/deliveries?q=%00",
  ],
  ...["/sign-in?next=javascript:alert(1)", "/.git/config", "/assets/../package.json"],
];

let bench: Bench;
let cookie: string;
beforeEach(async () => {
  bench = createBench();
  bench.details = [aDetail()];
  bench.webhooks = [aWebhook()];
  ({ cookie } = await visitorOf(bench, ADMIN));
});

function policyOf(answer: request.Response): string[] {
  return (answer.headers["content-security-policy"] ?? "").split(/; */);
}

describe.each(GETS)("GET %s", (path) => {
  test.each([
    ["signed in", {}],
    ["signed in, from another site's page", { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" }],
    ["by a stranger", { Cookie: "" }],
    [
      "by a stranger, from another site's page",
      { Cookie: "", Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" },
    ],
  ])("%s", async (_who, headers: Record<string, string>) => {
    const answer = await request(bench.server.handler)
      .get(path)
      .set({ Cookie: cookie, ...headers });
    const drawn =
      (answer.headers["content-type"] ?? "").startsWith("image/svg") && !path.startsWith("/assets/");
    expect(policyOf(answer).sort()).toEqual([...(drawn ? DRAWING : PAGES)].sort());
    expect(answer.headers).toMatchObject({
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
    });
    expect(answer.headers["cache-control"]).toMatch(
      path.startsWith("/assets/") && answer.ok ? /public/ : /^no-store$/,
    );
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    // A page is never what a program asked for, and what a program asked for is never a page.
    const isPage = (answer.headers["content-type"] ?? "").startsWith("text/html");
    if (path.startsWith("/api/") || path.startsWith("/callbacks/") || path === "/metrics")
      expect(isPage).toBe(false);
    const location = answer.headers.location;
    if (location !== undefined) expect(location).toMatch(/^\/(sign-in(\?next=%2F[\w%.-]*)?|deliveries\?.*)$/);
  });
});

test("no answer lets another origin's script read it: neither a question first, nor a webhook, nor a callback", async () => {
  const preflight = { Origin: "https://evil.test", "Access-Control-Request-Method": "POST" };
  const paths = [
    ...GETS.filter((path) => !path.startsWith("/%zz")),
    ...["/webhooks/shopline/noodle-bar", "/webhooks/fastpod/tee-shop/x"],
  ];
  for (const path of paths) {
    for (const method of ["options", "post"] as const) {
      const asking = request(bench.server.handler);
      const { headers } = await asking[method](path).set({ Cookie: cookie, ...preflight });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
      expect([path, headers["x-content-type-options"]]).toEqual([path, "nosniff"]);
    }
  }
  expect(bench.acts).toEqual([]);
});

test("what a page follows is a stream of our own, read by nobody else", async () => {
  const answer = await new Promise<Record<string, unknown>>((resolve, reject) => {
    request(bench.server.handler)
      .get("/live")
      .set("Cookie", cookie)
      .buffer(false)
      .parse((stream, done) => {
        resolve((stream as unknown as { headers: Record<string, unknown> }).headers);
        (stream as unknown as { destroy: () => void }).destroy();
        done(null, null);
      })
      .end((error: unknown) => {
        if (error instanceof Error) reject(error);
      });
  });
  expect(answer).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
});
