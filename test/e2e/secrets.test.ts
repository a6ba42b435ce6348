import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSampleOrder, sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import { createReceiver } from "../observe/alerts/receiver.ts";
import { ADMIN_TOKEN, until } from "./process.ts";
import { prepareShop, SECRETS } from "./shop.ts";

/** A buyer whose every word stands out. */
const BUYER = {
  email: "marked-buyer@example.com",
  phone: "0987600123",
  customer: { first_name: "Markedfirst", last_name: "Markedlast", area_code: "+886", phone: "987600123" },
  shipping_address: {
    name: "Markedfirst Markedlast",
    address1: "9 Markedstreet",
    city: "Markedtown",
    phone: "0987600123",
  },
  payment_details: [{ buyer_note: "Markednote ring twice" }],
};
const LEAKS = /MARKED-|marked-buyer|Marked(first|last|street|town|note)|secret-path|0?987[ -]?600[ -]?123/i;
const ALERT_SECRET = `whsec_${Buffer.from("MARKED-alert-secret-0123456789").toString("base64")}`;

test(
  "marked secrets and a marked buyer, pushed through every path, appear in no log, metric, list, alert or error",
  { timeout: 240_000 },
  async () => {
    const receiver = await createReceiver();
    const shop = await prepareShop(
      { confirm_after_ms: 5 },
      {
        RELAY_ALERT_URL: receiver.url,
        RELAY_ALERT_SECRET: ALERT_SECRET,
        RELAY_LOG_LEVEL: "trace",
      },
    );
    await shop.open();
    const outputs: string[] = [];
    const sample = sampleWebhook("shopline", {
      now: Date.now(),
      store: "noodle-bar",
      secret: SECRETS.shopline,
    });
    const order = (id: string): Record<string, unknown> => ({
      ...(JSON.parse(sample.body.toString()) as Record<string, unknown>),
      ...BUYER,
      id,
      name: `#${id}`,
    });
    const states = async (state: string): Promise<number> => {
      const { body } = await shop.api(`/deliveries?state=${state}&limit=200`);
      return (body as { items: unknown[] }).items.length;
    };
    const post = async (path: string, init: RequestInit): Promise<void> => {
      const answer = await fetch(shop.relay.url + path, { method: "POST", redirect: "manual", ...init });
      outputs.push(await answer.text());
    };
    try {
      // Printed; then refused in words that repeat the buyer and the key; then refused by staff who do the same.
      await shop.cancelWith(order("m-1"));
      for (const platform of ["shoplazza", "fastpod"] as const) await shop.cancel(platform, `m-${platform}`);
      await until(async () => (await states("printed")) === 3);
      const slip = shop.cloud.slips.find(({ order_id }) => order_id === "m-1");
      expect(slip?.order_txt).toMatch(/Markedfirst Markedlast/);
      const words = `Markedfirst Markedlast, +886 987-600-123, 9 Markedstreet: no such user (${SECRETS.apiKey})`;
      shop.cloud.script([{ fault: "failure", msg: words }]);
      await shop.cancelWith(order("m-2"));
      await until(async () => (await states("dead")) === 1);
      await fetch(`${slip!.callback_url}?a=x&o=m-1&ak=Rejected&m=${encodeURIComponent(words)}`);
      // Not understood, not authentic, no store, no token.
      const nonsense = Buffer.from(JSON.stringify({ ...BUYER, cancelled_at: "2026-11-24T00:00:00Z" }));
      await post("/webhooks/shopline/noodle-bar", {
        headers: signWebhook("shopline", nonsense, SECRETS.shopline, Date.now()),
        body: new Uint8Array(nonsense),
      });
      await post("/webhooks/shopline/noodle-bar", {
        headers: {
          // As long as a signature, else nobody is alerted.
          "x-shopline-hmac-sha256": "MARKED-signature".padEnd(64, "-"),
          "x-shopline-shop-id": "MARKED-shop",
        },
        body: JSON.stringify(BUYER),
      });
      await post("/webhooks/shopline/MARKED-store", { body: JSON.stringify(BUYER) });
      await post(`/webhooks/fastpod/tee-shop/${SECRETS.fastpod}x`, { body: JSON.stringify(BUYER) });
      await post("/sign-in", { body: "token=MARKED-token", headers: { "sec-fetch-site": "same-origin" } });
      await post("/callbacks/goodcom/MARKED-delivery/MARKED-token", { body: JSON.stringify(BUYER) });
      await post("/api/v1/deliveries/x/redrive", { headers: { authorization: "Bearer MARKED-token" } });
      await receiver.until(3);
      // Again after a kill.
      outputs.push(shop.relay.output());
      await shop.relay.stop("SIGKILL");
      await shop.open();
      await shop.cancelWith(order("m-3"));
      await until(async () => (await states("printed")) >= 3);

      // Asked of the store, and cancelled there.
      for (const id of ["m-there", "m-here"]) {
        const { order: open } = openSampleOrder("fastpod", { now: Date.now(), order_id: id, order_name: id });
        const address = { name: "Markedfirst Markedlast", phone: "0987600123", street1: "9 Markedstreet" };
        shop.fastpod.put({ ...open, address, gift_message: "Markednote" });
      }
      shop.fastpod.cancel("m-there");
      for (const args of [
        ["reconcile"],
        ["subscribe", "tee-shop", "--check"],
        ["cancel", "tee-shop", "m-here", "--reason", "sold out"],
        ["cancel", "tee-shop", "m-unknown", "--reason", "sold out", "--json"],
      ]) {
        const { stdout, stderr } = await shop.command(...args);
        outputs.push(stdout + stderr);
      }
      const lookedUp = await shop.api("/stores/tee-shop/orders/m-there");
      expect(lookedUp).toMatchObject({ status: 200, body: { cancelled: true } });
      outputs.push(JSON.stringify(lookedUp));
      expect(shop.fastpod.order("m-here")).toMatchObject({ order_status: "cancelled" });

      writeFileSync(
        join(shop.folder, "bad.yaml"),
        `stores:\n  - { name: x, secrets: ["MARKED-in-a-file"], tokens }\n`,
      );
      for (const args of [
        ...[
          "stores list",
          "printers list",
          "deliveries list",
          "webhooks list",
          "alerts list",
          "alerts test",
          "config",
          "doctor",
        ],
        ...["apply bad.yaml", "deliveries show MARKED-no-such", "stores test noodle-bar"],
      ]) {
        for (const form of [[], ["--json"]]) {
          const { stdout, stderr } = await shop.command(...args.split(" "), ...form);
          // What was typed may be told back to who typed it.
          outputs.push((stdout + stderr).replaceAll("MARKED-no-such", ""));
        }
      }
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      for (const path of [
        ...[
          "/metrics",
          "/api/v1/deliveries?limit=200",
          "/api/v1/webhooks",
          "/api/v1/alerts",
          "/api/v1/stores",
        ],
        ...[
          "/api/v1/printers",
          "/",
          "/deliveries",
          "/webhooks",
          "/stores-and-printers",
          "/stores/tee-shop",
          "/readyz",
          "/healthz",
        ],
        ...["/deliveries?q=Markedfirst", "/api/v1/deliveries?q=600123"],
      ]) {
        const answer = await fetch(shop.relay.url + path, { headers });
        const text = await answer.text();
        expect([path, answer.status]).toEqual([path, 200]);
        outputs.push(path.includes("q=") ? text.replaceAll("Markedfirst", "") : text);
      }
      outputs.push(shop.relay.output(), ...receiver.received.map(({ text }) => text));
      expect(outputs.filter((text) => LEAKS.test(text)).map((text) => text.slice(0, 2_000))).toEqual([]);
      expect(receiver.received.map(({ text }) => text).join()).toContain("m-2");
    } finally {
      await receiver.close();
      await shop.close();
    }
  },
);
