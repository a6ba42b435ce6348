import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { ADMIN, createBench, VIEWER, type Bench } from "./fakes.ts";
import { applicationOf, type Route } from "./routes.ts";
import { aDetail, aWebhook } from "./samples.ts";
import { OURS, visitorOf } from "./visitor.ts";

/** Open to whoever knows the token in its path; no cookie and no bearer token opens it. */
const CALLBACK = "/callbacks/goodcom/:delivery/:token";
const { routes } = applicationOf(createBench());
const POSTS = routes.filter(({ method, declared }) => method === "POST" && declared !== CALLBACK);

/** What browsers say of a request that another site's page made them send, and what a forger would have them say. */
const FOREIGN: readonly Record<string, string>[] = [
  {},
  { Origin: "null" },
  { Origin: "https://evil.test" },
  { Origin: "http://relay.test.evil.test" },
  { Origin: "http://relay.test:81" },
  { Origin: "http://evil.test/http://relay.test" },
  { Origin: "relay.test" },
  { Origin: "http://relay.test", "Sec-Fetch-Site": "cross-site" },
  { Origin: "http://relay.test", "Sec-Fetch-Site": "same-site" },
  { Origin: "http://relay.test", "Sec-Fetch-Site": "none" },
  { Origin: "http://relay.test", "Sec-Fetch-Site": "same-origin, cross-site" },
  { Origin: "http://relay.test", "Sec-Fetch-Site": "" },
  { Referer: "http://relay.test/", Origin: "https://evil.test" },
  { "X-Requested-With": "XMLHttpRequest", "X-Forwarded-Host": "evil.test", Origin: "https://evil.test" },
];

let bench: Bench;
let cookies: { admin: string; viewer: string };
beforeEach(async () => {
  bench = createBench();
  bench.details = [aDetail({ state: "dead", attention: "dead" })];
  bench.webhooks = [aWebhook()];
  cookies = {
    admin: (await visitorOf(bench, ADMIN)).cookie,
    viewer: (await visitorOf(bench, VIEWER)).cookie,
  };
});

function post(
  { path }: Route,
  cookie: string,
  headers: Record<string, string>,
  body = `token=${ADMIN}&reason=lost&order_id=1001&step=cancel&confirm=noodle-bar`,
  type = "application/x-www-form-urlencoded",
): request.Test {
  const asked = request(bench.server.handler).post(path).set("Cookie", cookie).set(headers);
  return asked.set("Content-Type", type).send(body);
}

/** Looking an order up is told to the bench like an act, and is none. */
function acts(): string[] {
  return bench.acts.filter((act) => !act.startsWith("look up"));
}

test("every address that takes a POST is known to this test, those of the forms and of the API alike", async () => {
  const paths = POSTS.map(({ declared }) => declared);
  expect(paths.length).toBeGreaterThanOrEqual(24);
  const { paths: described } = (
    await request(bench.server.handler)
      .get("/api/openapi.json")
      .set("Authorization", `Bearer ${ADMIN}`)
      .expect(200)
  ).body as { paths: Record<string, object> };
  for (const [path, methods] of Object.entries(described)) {
    if ("post" in methods && !/^\/(webhooks|callbacks)\//.test(path))
      expect(paths).toContain(path.replace(/\{(\w+)\}/g, ":$1"));
  }
  const forms = new Set<string>();
  for (const { path } of routes.filter(({ method, path }) => method === "GET" && path !== "/live")) {
    const answer = await request(bench.server.handler).get(path).set("Cookie", cookies.admin);
    // What is no text at all, a picture, has none.
    const text = (answer as { text?: string }).text ?? "";
    for (const [, action = ""] of text.matchAll(/<form[^>]*method="post"[^>]*action="([^"]*)"/g))
      forms.add(action.replace("cake-shop", "noodle-bar").replace("tee-shop", "noodle-bar"));
  }
  expect(forms.size).toBeGreaterThanOrEqual(12);
  const known = POSTS.map(({ path }) => path.replace("kitchen", "bar"));
  for (const action of forms) expect(known).toContain(action.replace("kitchen", "bar"));
});

describe.each(POSTS)("POST $declared", (route) => {
  test("from another site's page nothing happens, whatever the browser says of it", async () => {
    for (const headers of FOREIGN) {
      const answer = await post(route, cookies.admin, headers);
      expect([headers, answer.status]).toEqual([headers, 403]);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    expect([acts(), bench.edits]).toEqual([[], []]);
  });

  test("nor in a form that a page of another site could post without asking first", async () => {
    const multipart = `--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n${ADMIN}\r\n--x--\r\n`;
    for (const [type, body] of [
      ["text/plain", `{"reason":"lost","x":"="}`],
      ["multipart/form-data; boundary=x", multipart],
      ["text/plain; charset=application/x-www-form-urlencoded", `token=${ADMIN}`],
    ] as const) {
      expect((await post(route, cookies.admin, { Origin: "null" }, body, type)).status).toBe(403);
      // Not even where a page of ours is made to do it; signing out has no body that anybody reads.
      if (route.declared === "/sign-out") continue;
      const answer = await post(route, cookies.admin, OURS, body, type);
      expect([type, answer.status, answer.headers["set-cookie"]]).toEqual([type, 415, undefined]);
    }
    expect([acts(), bench.edits]).toEqual([[], []]);
  });

  test("nor for a viewer, nor for nobody", async () => {
    if (route.declared.startsWith("/sign-")) return;
    const viewers = await post(route, cookies.viewer, OURS);
    expect(viewers.status).toBe(403);
    const nobodys = await post(route, "", OURS);
    expect([401, 303]).toContain(nobodys.status);
    expect([acts(), bench.edits]).toEqual([[], []]);
  });

  test("nor by a request that only says it were a POST", async () => {
    const { path } = route;
    for (const override of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]) {
      const asked = request(bench.server.handler).get(`${path}?_method=POST`);
      await asked.set({ Cookie: cookies.admin, ...OURS, [override]: "POST" });
    }
    for (const method of ["head", "put", "patch", "delete", "options"] as const) {
      const asking = request(bench.server.handler);
      await asking[method](path).set({ Cookie: cookies.admin, ...OURS });
    }
    expect([acts(), bench.edits]).toEqual([[], []]);
  });
});

test("the same from our own page is done: nothing above is refused for another reason", async () => {
  for (const path of ["/deliveries/DL1/redrive", "/stores/noodle-bar/subscribe", "/printers/bar/test-slip"])
    await post({ method: "POST", path, declared: path }, cookies.admin, OURS, "").expect(303);
  expect(acts()).toHaveLength(3);
});
