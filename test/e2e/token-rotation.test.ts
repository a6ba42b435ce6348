import { expect, test } from "vitest";
import { ADMIN_TOKEN, until } from "./process.ts";
import { openShop, type Shop } from "./shop.ts";

const NEW_TOKEN = "the-admin-token-after-it-was-rotated-0123";
/** As often as a store that is told nothing, and sooner. */
const RESEND_MS = 100;

async function read(shop: Shop, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(`${shop.relay.url}/api/v1/deliveries`, { headers, redirect: "manual" });
  await answer.text();
  return answer.status;
}

async function signIn(shop: Shop, token: string): Promise<string> {
  const answer = await fetch(`${shop.relay.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ token }),
  });
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

test("an admin token is rotated by a restart: old token and sessions end, and no webhook of that time is lost", async () => {
  const shop = await openShop({ confirm_after_ms: 5 });
  try {
    const cookie = await signIn(shop, ADMIN_TOKEN);
    expect(await read(shop, { cookie })).toBe(200);

    // Stores go on sending all the while, and send again what was not answered 200.
    const answered: string[] = [];
    let failures = 0;
    let isOver = false;
    const store = async (first: number): Promise<void> => {
      for (let order = first; !isOver; order += 2) {
        for (;;) {
          const answer = await shop.cancel("shopline", `r-${order}`).catch(() => null);
          if (answer?.status === 200) break;
          failures++;
          await new Promise((resolve) => setTimeout(resolve, RESEND_MS));
        }
        answered.push(`r-${order}`);
      }
    };
    const stores = [store(0), store(1)];
    await until(() => answered.length > 20);
    shop.env.RELAY_ADMIN_TOKEN = NEW_TOKEN;
    expect(await shop.relay.stop("SIGTERM")).toBe(0);
    await until(() => failures > 0);
    await shop.open();
    const before = answered.length;
    await until(() => answered.length > before + 20);
    isOver = true;
    await Promise.all(stores);

    expect(await read(shop, { authorization: `Bearer ${ADMIN_TOKEN}` })).toBe(401);
    expect(await read(shop, { cookie })).toBe(401);
    expect(await signIn(shop, ADMIN_TOKEN)).toBe("");
    const act = { method: "POST", headers: { cookie, "sec-fetch-site": "same-origin" } };
    expect((await fetch(`${shop.relay.url}/api/v1/printers/kitchen/test-slip`, act)).status).toBe(401);
    expect(await read(shop, { authorization: `Bearer ${NEW_TOKEN}` })).toBe(200);
    expect(await read(shop, { cookie: await signIn(shop, NEW_TOKEN) })).toBe(200);

    await until(() => new Set(shop.cloud.slips.map(({ order_id }) => order_id)).size >= answered.length);
    expect(new Set(shop.cloud.slips.map(({ order_id }) => order_id))).toEqual(new Set(answered));
  } finally {
    await shop.close();
  }
}, 60_000);

test("a session survives a restart with the same token; signed out, it is over, also after a kill", async () => {
  const shop = await openShop();
  try {
    const cookie = await signIn(shop, ADMIN_TOKEN);
    await shop.relay.stop("SIGTERM");
    await shop.open();
    expect(await read(shop, { cookie })).toBe(200);
    const out = {
      method: "POST",
      redirect: "manual",
      headers: { cookie, "sec-fetch-site": "same-origin" },
    } as const;
    expect((await fetch(`${shop.relay.url}/sign-out`, out)).status).toBe(303);
    expect(await read(shop, { cookie })).toBe(401);
    await shop.relay.stop("SIGKILL");
    await shop.open();
    expect(await read(shop, { cookie })).toBe(401);
    expect(await read(shop, { cookie: await signIn(shop, ADMIN_TOKEN) })).toBe(200);
  } finally {
    await shop.close();
  }
}, 60_000);
