import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import { createReceiver } from "../observe/alerts/receiver.ts";
import { ADMIN_TOKEN, until } from "./process.ts";
import { prepareShop, SECRETS } from "./shop.ts";

const WORDS = "Markedfirst Markedlast, 0987-600-123, 9 Markedstreet, Markedtown";
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
  cancel_reason: `no longer wanted by ${WORDS}`,
  payment_details: [{ buyer_note: `no peanuts ${WORDS}` }],
  note: `call ${WORDS}`,
};
interface Order {
  line_items: object[];
}
const LEAKS = /marked-buyer|Marked ?(first|last|street|town)|600.?123/i;

test(
  "customer: none: the buyer is on no slip, in nothing that goes to the cloud, in no list, log, metric or alert",
  { timeout: 120_000 },
  async () => {
    const receiver = await createReceiver();
    const shop = await prepareShop(
      { confirm_after_ms: 5 },
      { RELAY_ALERT_URL: receiver.url, RELAY_ALERT_FORMAT: "slack", RELAY_LOG_LEVEL: "trace" },
    );
    const printer = {
      name: "kitchen",
      api_key: SECRETS.apiKey,
      secret_key: SECRETS.secretKey,
      customer: "none",
    };
    writeFileSync(join(shop.folder, "none.json"), JSON.stringify({ printers: [printer] }));
    try {
      expect(await shop.command("apply", "none.json")).toMatchObject({ code: 0 });
      await shop.open();
      const rows = async (): Promise<{ id: string; state: string }[]> =>
        ((await shop.api("/deliveries?limit=200")).body as { items: { id: string; state: string }[] }).items;
      const send = async (platform: "shopline" | "shoplazza", id: string): Promise<void> => {
        const stores = { shopline: "noodle-bar", shoplazza: "bakery" };
        const asked = { now: Date.now(), store: stores[platform], secret: SECRETS[platform], order_id: id };
        const sample = sampleWebhook(platform, asked);
        const sent = JSON.parse(sample.body.toString()) as Order & { order?: Order };
        const order = sent.order ?? sent;
        const items = order.line_items.map((item) => ({
          ...item,
          properties: [{ name: "Written on it", value: `Happy birthday ${WORDS}` }],
        }));
        const told = { ...order, ...BUYER, id, name: `#${id}`, line_items: items, customer_note: BUYER.note };
        const body = JSON.stringify(sent.order === undefined ? told : { order: told });
        const headers = signWebhook(platform, Buffer.from(body), SECRETS[platform], Date.now());
        const answer = await fetch(shop.relay.url + sample.path, { method: "POST", headers, body });
        expect(answer.status).toBe(200);
      };
      await send("shopline", "n-1");
      await send("shoplazza", "n-2");
      await until(async () => (await rows()).filter(({ state }) => state === "printed").length === 2);
      shop.cloud.script([{ fault: "failure", msg: `no such user: ${WORDS}` }]);
      await send("shopline", "n-3");
      await until(async () => (await rows()).some(({ state }) => state === "dead"));
      await receiver.until(1);

      // The whole body of each request to the cloud, and what the cloud made of it.
      expect(shop.cloud.requests).toHaveLength(3);
      const outputs = [JSON.stringify(shop.cloud.requests), JSON.stringify(shop.cloud.slips)];
      expect(outputs.join()).toContain("Happy birthday ...");
      expect(outputs.join()).toContain("no peanuts ...");
      for (const { id } of await rows()) {
        for (const form of ["svg", "txt"]) {
          const path = `/api/v1/deliveries/${id}/slip.${form}`;
          outputs.push(await textOf(path));
        }
      }
      // Lists, and searches for him that do find him.
      const lists = [
        "/deliveries",
        "/",
        "/api/v1/deliveries",
        "/webhooks",
        "/api/v1/webhooks",
        "/api/v1/alerts",
        "/metrics",
      ];
      for (const path of lists) outputs.push(await textOf(path));
      for (const path of ["/deliveries?q=Markedlast", "/api/v1/deliveries?q=Markedlast"]) {
        const found = await textOf(path);
        expect(found).toContain("n-1");
        outputs.push(found.replaceAll(/value="Markedlast"|q=Markedlast|“Markedlast” in deliveries/g, ""));
      }
      for (const args of [
        "deliveries list",
        "deliveries list --json",
        "webhooks list",
        "alerts list --json",
      ]) {
        const { stdout, stderr } = await shop.command(...args.split(" "));
        outputs.push(stdout + stderr);
      }
      outputs.push(shop.relay.output(), ...receiver.received.map(({ text }) => text));
      expect(
        outputs.flatMap((text) => LEAKS.exec(text.replace(/<[^>]*>/g, ""))?.input.slice(0, 3000) ?? []),
      ).toEqual([]);
      expect(outputs.flatMap((text) => / (title|alt)="[^"]*Marked/.exec(text)?.[0] ?? [])).toEqual([]);
    } finally {
      await receiver.close();
      await shop.close();
    }

    async function textOf(path: string): Promise<string> {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(shop.relay.url + path, { headers });
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.text();
    }
  },
);
