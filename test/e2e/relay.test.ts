import { afterEach, describe, expect, test } from "vitest";
import { until } from "./process.ts";
import { openShop, SECRETS, type Shop } from "./shop.ts";

let shop: Shop;
afterEach(() => shop.close());

interface Row {
  id: string;
  state: string;
  order_id: string;
  attempt_count: number;
}
async function deliveries(query = ""): Promise<Row[]> {
  const { body } = await shop.api(`/deliveries?limit=200${query}`);
  return (body as { items: Row[] }).items;
}
const allPrinted = async (count: number): Promise<Row[] | false> => {
  const rows = await deliveries("&state=printed");
  return rows.length === count && rows;
};

test("a cancellation in each of the three stores becomes a slip, and the printer's word comes back", async () => {
  shop = await openShop();
  for (const platform of ["shopline", "shoplazza", "fastpod"] as const) {
    expect(await shop.cancel(platform, `order-${platform}`)).toMatchObject({
      status: 200,
      body: { status: "accepted" },
    });
  }
  expect(await shop.cancel("shopline", "order-shopline")).toMatchObject({
    status: 200,
    body: { status: "duplicate" },
  });
  await until(() => allPrinted(3));
  expect(shop.cloud.slips.map((slip) => slip.order_id).sort()).toEqual([
    "order-fastpod",
    "order-shoplazza",
    "order-shopline",
  ]);

  // The operator's question, at the terminal.
  const shown = await shop.command("deliveries", "show", "order-shopline");
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(shown.stdout).toContain("printed");
  const listed = JSON.parse((await shop.command("deliveries", "list", "--json")).stdout) as { items: Row[] };
  expect(listed.items.map(({ state }) => state)).toEqual(["printed", "printed", "printed"]);
});

test("regression: a test slip, which has no handover, was refused for an empty DeliveryType", async () => {
  shop = await openShop();
  const tested = await shop.command("printers", "test", "kitchen");
  expect(tested).toMatchObject({ code: 0, stderr: "" });
  expect(shop.cloud.slips[0]?.order_txt).toContain("TEST: NOT A REAL ORDER");
});

describe("whatever breaks in between", () => {
  test("the cloud away: everything received meanwhile prints once, soon after it is back", async () => {
    shop = await openShop();
    await shop.cloud.setFault("refuse");
    for (let batch = 0; batch < 10; batch++) {
      const sent = Array.from({ length: 20 }, (_, n) =>
        shop.cancel("shopline", `o-${String(batch * 20 + n)}`),
      );
      for (const answer of await Promise.all(sent)) expect(answer.body.status).toBe("accepted");
    }
    await shop.cloud.setFault(null);
    const back = Date.now();
    await until(() => shop.cloud.slips.length >= 200);
    expect(Date.now() - back).toBeLessThan(10_000);
    await until(() => allPrinted(200));
    expect(new Set(shop.cloud.slips.map((slip) => slip.order_id)).size).toBe(200);
    expect(shop.cloud.slips).toHaveLength(200);
  });

  test("killed while sending: nothing is missing, and what may be a second slip says so", async () => {
    shop = await openShop({ confirm_after_ms: null });
    await shop.cloud.setFault("hang");
    for (let order = 0; order < 20; order++) await shop.cancel("shopline", `k-${String(order)}`);
    await until(() => shop.cloud.requests.length > 0);
    await shop.relay.stop("SIGKILL");
    const lost = shop.cloud.requests.map((request) => request.headers["idempotency-key"]);
    await shop.cloud.setFault(null);
    await shop.open();
    await until(async () => (await deliveries("&state=accepted")).length === 20);
    // Every one that had left, and perhaps one that was taken up and had not left yet.
    const marked = shop.cloud.slips.filter((slip) => slip.order_txt.includes("MAY BE A REPEAT"));
    expect(marked.map((slip) => slip.idempotency_key)).toEqual(expect.arrayContaining(lost));
    expect(new Set(shop.cloud.slips.map((slip) => slip.order_id)).size).toBe(20);
  });

  test("a second service on the same ledger refuses to start and says why; the first one drains and ends with 0", async () => {
    shop = await openShop();
    const second = await shop.command("serve");
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^[^\n]*in use[^\n]*\n$/);
    expect(await shop.relay.stop("SIGTERM")).toBe(0);
  });

  test("settings applied while it runs are followed within two seconds", async () => {
    shop = await openShop();
    const file = `${shop.folder}/more.json`;
    const { writeFileSync } = await import("node:fs");
    const store = { name: "second", platform: "shopline", printer: "kitchen", secrets: [SECRETS.shopline] };
    writeFileSync(file, JSON.stringify({ stores: [store] }));
    const path = `${shop.relay.url}/webhooks/shopline/second`;
    expect((await fetch(path, { method: "POST", body: "{}" })).status).toBe(404);
    expect((await shop.command("apply", "more.json")).code).toBe(0);
    const applied = Date.now();
    await until(async () => (await fetch(path, { method: "POST", body: "{}" })).status === 401);
    expect(Date.now() - applied).toBeLessThan(2000);
  });
});
