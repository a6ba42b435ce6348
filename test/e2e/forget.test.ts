import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { unpack } from "../../src/ledger/sql/pack.ts";
import { sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import { ADMIN_TOKEN, start, until } from "./process.ts";
import { openShop, SECRETS, type Shop } from "./shop.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const PHONE = "0987600123";
/** A buyer whose every word stands out. */
const BUYER = {
  email: "marked-buyer@example.com",
  phone: PHONE,
  customer: { first_name: "Markedfirst", last_name: "Markedlast", area_code: "+886", phone: "987600123" },
  shipping_address: {
    name: "Markedfirst Markedlast",
    address1: "9 Markedstreet",
    city: "Markedtown",
    phone: "+886 987-600-123",
  },
  note: "Markednote of the shop",
  payment_details: [{ buyer_note: "Markednote ring twice" }],
};
const MARKED = /marked-buyer|Marked(first|last|street|town|note)|987[ -]?600[ -]?123/i;

function orderOf(id: string): Record<string, unknown> {
  const { body } = sampleWebhook("shopline", { now: Date.now(), store: "noodle-bar", secret: "x" });
  return { ...(JSON.parse(body.toString()) as Record<string, unknown>), ...BUYER, id, name: `#${id}` };
}

async function post(
  shop: Shop,
  store: "noodle-bar" | "bakery",
  body: object,
): Promise<Record<string, string>> {
  const platform = store === "bakery" ? "shoplazza" : "shopline";
  const bytes = Buffer.from(JSON.stringify(body));
  const answer = await fetch(`${shop.relay.url}/webhooks/${platform}/${store}`, {
    method: "POST",
    headers: signWebhook(platform, bytes, SECRETS[platform], Date.now()),
    body: new Uint8Array(bytes),
  });
  return (await answer.json()) as Record<string, string>;
}

interface Row {
  id: string;
  order_id: string;
  state: string;
  attempt_count: number;
  forgotten_at: string | null;
}

async function deliveries(shop: Shop): Promise<Row[]> {
  const { body } = await shop.api("/deliveries?limit=200");
  return (body as { items: Row[] }).items;
}

/** Every value of every table, what is packed as it was before; and the files' own bytes. */
function bytesOf(path: string): string {
  const db = new Database(path, { readonly: true });
  try {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .pluck()
      .all();
    const values = tables.flatMap((table) => db.prepare(`SELECT * FROM "${table}"`).raw().all().flat());
    return values.map((value) => (Buffer.isBuffer(value) ? unpacked(value) : String(value))).join("\n");
  } finally {
    db.close();
  }
}

function unpacked(value: Buffer): string {
  try {
    return `${value.toString("latin1")}\n${unpack(value).toString()}`;
  } catch {
    return value.toString("latin1");
  }
}

test(
  "a buyer who is forgotten by their phone is in no answer, page, log, file or fresh backup, and their slips go on",
  { timeout: 240_000 },
  async () => {
    const shop = await openShop({ confirm_after_ms: 5 }, { RELAY_LOG_LEVEL: "trace" });
    try {
      const of = async (order: string): Promise<Row | undefined> =>
        (await deliveries(shop)).find(({ order_id }) => order_id === order);
      const inState = (order: string, state: string): Promise<Row> =>
        until(async () => {
          const row = await of(order);
          return row?.state === state ? row : null;
        });
      // Printed; refused in words that repeat the buyer; at a cloud that hangs; and somebody else's.
      const printed = orderOf("f-printed");
      await post(shop, "noodle-bar", printed);
      await inState("f-printed", "printed");
      shop.cloud.script([
        { fault: "failure", msg: "Markedfirst Markedlast, +886 987-600-123: no such user" },
      ]);
      await post(shop, "noodle-bar", orderOf("f-dead"));
      await inState("f-dead", "dead");
      await shop.cancel("shoplazza", "f-other");
      await inState("f-other", "printed");
      shop.cloud.script(["hang"]);
      const { body: sample } = sampleWebhook("shoplazza", {
        ...{ now: Date.now(), store: "bakery", secret: "x", order_id: "f-hangs", order_name: "#f-hangs" },
      });
      const { order } = JSON.parse(sample.toString()) as { order: object };
      await post(shop, "bakery", { order: { ...order, ...BUYER } });
      await inState("f-hangs", "sending");
      // A webhook of no delivery.
      const ignored = await post(shop, "noodle-bar", { ...orderOf("f-open"), cancelled_at: "" });
      expect(ignored).toMatchObject({ status: "ignored" });
      expect(bytesOf(join(shop.folder, "relay.db"))).toMatch(MARKED);

      const dry = await shop.command("forget", "--phone", PHONE, "--dry-run", "--json");
      expect(JSON.parse(dry.stdout)).toEqual({ dry_run: true, deliveries: 3, webhooks: 1 });
      const outputs = [dry.stdout + dry.stderr];
      const forgotten = await shop.command("forget", "--phone", PHONE);
      expect([forgotten.code, forgotten.stdout]).toEqual([
        ...[0, expect.stringMatching(/^erased the buyer of 3 deliveries and 1 further webhook; /)],
      ]);
      outputs.push(forgotten.stdout + forgotten.stderr);

      // The one that hung is tried again, and prints without its buyer.
      await inState("f-hangs", "printed");
      const slip = shop.cloud.slips.findLast(({ order_id }) => order_id === "f-hangs");
      expect(slip?.order_txt).toMatch(/Strawberry cream cake/);
      expect(JSON.stringify(slip)).not.toMatch(MARKED);
      // What comes late, or once more.
      const late = shop.cloud.slips.find(({ order_id }) => order_id === "f-printed");
      const words = encodeURIComponent("Markedfirst Markedlast came");
      await fetch(`${late!.callback_url}?a=x&o=f-printed&ak=Rejected&m=${words}`);
      const again = await post(shop, "noodle-bar", printed);
      expect(again).toMatchObject({ status: "duplicate", delivery: (await of("f-printed"))?.id });

      for (const row of await deliveries(shop)) {
        expect([row.order_id, row.forgotten_at !== null]).toEqual([row.order_id, row.order_id !== "f-other"]);
        for (const path of [`/api/v1/deliveries/${row.id}`, `/deliveries/${row.id}`]) {
          for (const end of path.startsWith("/api") ? ["", "/slip.txt", "/slip.svg"] : [""]) {
            const answer = await fetch(shop.relay.url + path + end, {
              headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
            });
            expect([path + end, answer.status]).toEqual([path + end, 200]);
            const text = await answer.text();
            if (end === "" && path.startsWith("/deliveries") && row.order_id !== "f-other")
              expect(text).toContain("The buyer's data was erased");
            outputs.push(text);
          }
        }
        const shown = await shop.command(
          "deliveries",
          "show",
          row.id,
          ...(row.state === "dead" ? ["--json"] : []),
        );
        outputs.push(shown.stdout + shown.stderr);
      }
      const { body: webhooks } = await shop.api("/webhooks");
      for (const { id } of (webhooks as { items: { id: string }[] }).items) {
        outputs.push(JSON.stringify((await shop.api(`/webhooks/${id}`)).body));
      }
      const first = (webhooks as { items: { id: string }[] }).items[0]!.id;
      for (const args of [
        ["webhooks", "show", first],
        ["forget", "--list", "--json"],
        ["alerts", "list"],
      ]) {
        const { stdout, stderr } = await shop.command(...args);
        outputs.push(stdout + stderr);
      }
      for (const path of [
        "/",
        "/deliveries",
        "/webhooks",
        "/metrics",
        "/api/v1/alerts",
        "/deliveries?q=600123",
      ]) {
        const answer = await fetch(shop.relay.url + path, {
          headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        });
        const text = await answer.text();
        outputs.push(path.includes("q=") ? text.replaceAll("600123", "") : text);
      }
      outputs.push(shop.relay.output());
      expect(outputs.filter((text) => MARKED.test(text)).map((text) => text.slice(0, 2_000))).toEqual([]);

      const { code } = await shop.command("backup", "fresh.db");
      expect(code).toBe(0);
      for (const name of ["relay.db", "fresh.db"]) {
        expect(MARKED.exec(bytesOf(join(shop.folder, name)))?.[0], name).toBeUndefined();
      }
      for (const name of readdirSync(shop.folder)) {
        const bytes = readFileSync(join(shop.folder, name)).toString("latin1");
        expect(MARKED.exec(bytes)?.[0], name).toBeUndefined();
      }
    } finally {
      await shop.close();
    }
  },
);

test("killed in the middle of erasing, the service ends it", { timeout: 240_000 }, async () => {
  const shop = await openShop({ confirm_after_ms: 5 });
  const path = join(shop.folder, "relay.db");
  const orders = 300;
  const count = (where: string): number => {
    const db = new Database(path, { readonly: true });
    try {
      return db.prepare<[], number>(`SELECT count(*) FROM ${where}`).pluck().get() ?? 0;
    } finally {
      db.close();
    }
  };
  const forgotten = (): number => count("deliveries WHERE forgotten_at IS NOT NULL");
  try {
    for (let n = 0; n < orders; n += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, more) => post(shop, "noodle-bar", orderOf(`k-${n + more}`))),
      );
    }
    await shop.relay.stop("SIGKILL");
    const command = start(shop.folder, ["forget", "--phone", PHONE], shop.env);
    const ended = once(command, "close");
    await until(() => forgotten() > 0);
    command.kill("SIGKILL");
    await ended;
    expect(command.signalCode).toBe("SIGKILL");
    expect(forgotten()).toBeLessThan(orders);
    expect(count("erasures WHERE done_at IS NULL")).toBe(1);
    expect(bytesOf(path)).toMatch(MARKED);

    await shop.open();
    await until(() => shop.relay.output().includes('"event":"buyer.forgotten"'));
    expect(forgotten()).toBe(orders);
    expect(count("erasures WHERE done_at IS NULL OR subject IS NOT NULL")).toBe(0);
    const line = shop.relay
      .output()
      .split("\n")
      .find((one) => one.includes('"buyer.forgotten"'));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ store: null, deliveries: orders, webhooks: 0 });
    await shop.relay.stop("SIGTERM");
    expect(MARKED.exec(bytesOf(path))?.[0]).toBeUndefined();
    expect(shop.relay.output()).not.toMatch(MARKED);
  } finally {
    await shop.close();
  }
});

test("the vendor's two requests, sent as a shop's, are taken", { timeout: 120_000 }, async () => {
  const shop = await openShop({ confirm_after_ms: 5 });
  try {
    await post(shop, "noodle-bar", { ...orderOf("r-1"), phone: "0912345678", name: "#72348" });
    const send = (which: string): ReturnType<Shop["command"]> =>
      shop.command(
        ...["webhook", "send", "shopline", join(FIXTURES, `shopline.webhook.${which}.from-field-table.json`)],
        ...["--store", "noodle-bar", "--url", shop.relay.url],
      );
    const customers = await send("customers_redact");
    expect([customers.code, customers.stdout]).toEqual([
      ...[
        0,
        expect.stringMatching(
          /^HTTP 200 .*"status":"ignored".*customers\/redact: the buyer's data is being erased/,
        ),
      ],
    ]);
    await until(() => shop.relay.output().includes('"event":"buyer.forgotten"'));
    const [row] = await deliveries(shop);
    expect(row?.forgotten_at).not.toBeNull();
    const merchants = await send("merchants_redact");
    expect([merchants.code, merchants.stdout]).toEqual([
      ...[0, expect.stringMatching(/^HTTP 200 .*"status":"quarantined"/)],
    ]);
    const { id } = JSON.parse(/\{.*\}/.exec(customers.stdout)?.[0].replace('"webhook"', '"id"') ?? "{}") as {
      id: string;
    };
    const shown = await shop.command("webhooks", "show", id);
    expect(shown.stdout).toMatch(/Its body is not kept: .*a request's to erase/);
    const page = await fetch(`${shop.relay.url}/webhooks/${id}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await page.text()).toMatch(/customers\/redact/i);
  } finally {
    await shop.close();
  }
});
