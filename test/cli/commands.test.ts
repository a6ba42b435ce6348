import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Kit } from "../../src/kit.ts";
import { run } from "../../src/cli/run.ts";
import type { AppliedChanges } from "../../src/ledger/ledger.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
let folder: string;
let serviceRuns: boolean;
let closed: number;
let kitMore: Partial<Kit>;

beforeEach(async () => {
  house = await createHouse();
  folder = mkdtempSync(join(tmpdir(), "relay-cli-"));
  serviceRuns = true;
  closed = 0;
  kitMore = {};
});
afterEach(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** Runs one command on the house's ledger. */
async function relay(argv: string[], env: Record<string, string> = {}, columns?: number) {
  const kit = kitOn(house, {
    serviceRunning: () => Promise.resolve(serviceRuns),
    close() {
      closed++;
      return Promise.resolve();
    },
    ...kitMore,
  });
  const fake = fakeCli({ env, kit, ...(columns === undefined ? {} : { columns }) });
  const code = await run(argv, { ...fake.cli, clock: house.clock });
  return { code, out: fake.out(), err: fake.err() };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("a key file is told of once, by the command that made it", async () => {
  kitMore = { keyFile: "data/relay.db.key", keyFileMade: true };
  const { err } = await relay(["stores", "list"]);
  expect(err).toBe(
    "warning: made the key file data/relay.db.key; keep a copy elsewhere, or set RELAY_ENCRYPTION_KEY\n",
  );
});

describe("apply", () => {
  test("says what it made of the file, and warns of what is hardly meant", async () => {
    const path = file(
      "shop.yaml",
      [
        "printers:",
        "  - { name: kitchen, api_key: key-kitchen, secret_key: secret-kitchen }",
        "  - { name: attic, api_key: '${ATTIC_KEY}' }",
        "stores:",
        "  - { name: mute, platform: shopline, printer: attic, secrets: [''] }",
        "  - { name: open, platform: fastpod, printer: attic, trust_body: true, tokens: [" +
          "o".repeat(32) +
          "] }",
      ].join("\n"),
    );
    const { code, out, err } = await relay(["apply", path], { ATTIC_KEY: "key-attic" });
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "created    printer attic",
      "created    store mute",
      "created    store open",
      "unchanged  printer kitchen",
      "",
    ]);
    expect(err.split("\n")).toEqual([
      "warning: store mute has no usable secret: every webhook will be refused; give it the app's secret",
      "warning: store open has trust_body: whoever learns its address can print; better give api.url and api.token",
      "",
    ]);
    const { printers, stores } = await house.ledger.settings();
    expect(printers.find(({ name }) => name === "attic")?.api_key).toBe("key-attic");
    // echo -n oooooooooooooooooooooooooooooooo | sha256sum
    expect(stores.find(({ name }) => name === "open")?.token_hashes).toEqual([
      "b7bca7371b7976816f05ee141993a3170f9fa4faf73c4637a6729be9ac06db97",
    ]);
  });

  test("--prune deletes what the file does not name; --json tells it", async () => {
    const path = file("one.json", '{"printers":[{"name":"kitchen","api_key":"k2"}],"stores":[]}');
    const { code, out } = await relay(["apply", path, "--prune", "--json"]);
    expect(code).toBe(0);
    const changes = JSON.parse(out) as AppliedChanges;
    expect(changes.updated).toEqual(["printer kitchen"]);
    expect(changes.deleted.toSorted()).toEqual([
      "printer bar",
      "store cocktails",
      "store noodle-bar",
      "store tee-shop",
    ]);
  });

  test("a store whose printer nobody knows is exit 1, and nothing is written", async () => {
    const path = file(
      "bad.yaml",
      "stores: [{ name: n, platform: shopline, printer: nowhere, secrets: [s] }]",
    );
    const { code, out, err } = await relay(["apply", path]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^relay: .*nowhere.*\n$/);
    expect((await house.ledger.settings()).stores).toHaveLength(3);
    expect(closed).toBe(1);
  });
});

describe("deliveries", () => {
  test("list, filtered, and as JSON", async () => {
    const first = await house.cancel("1001");
    const second = await house.cancel("1002");
    const { out } = await relay(["deliveries", "list"]);
    const [header, ...rows] = out.trim().split("\n");
    expect(header).toMatch(/^delivery +state +order +store +printer +created \(UTC\) +tries +last error$/);
    expect(rows.map((row) => row.slice(0, 26))).toEqual([second, first]);

    const { out: one } = await relay(["deliveries", "list", "--order", "1001", "--json"]);
    expect((JSON.parse(one) as { items: { id: string }[] }).items.map((item) => item.id)).toEqual([first]);
    expect(one).not.toContain("ticket");

    const { out: none } = await relay(["deliveries", "list", "--store", "cocktails"]);
    expect(none).toBe("no deliveries match\n");
  });

  test.each([80, 120])("a list fits a terminal of %i columns, ids whole", async (columns) => {
    const id = await house.cancel("1001", { name: "#1001-取消訂單取消訂單取消訂單取消訂單" });
    const { out } = await relay(["deliveries", "list"], {}, columns);
    const [, row = ""] = stripVTControlCharacters(out).split("\n");
    expect(row).toContain(id);
    // CJK takes two columns.
    const width = Array.from(row).reduce((sum, char) => sum + (/[\u4e00-\u9fff]/.test(char) ? 2 : 1), 0);
    expect(width).toBeLessThanOrEqual(columns);
  });

  test("bug: at 80 columns the last error was nowhere; in a pipe a row is one line", async () => {
    house.cloud.script({ kind: "rejected", detail: "code 4001: printer is offline" });
    const id = await house.cancel("1001");
    const { out } = await relay(["deliveries", "list"], {}, 80);
    expect(stripVTControlCharacters(out).split("\n").slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${id}  dead `)),
      "    last error: refused by the cloud: code 4001: printer is offline",
      "",
    ]);
    expect((await relay(["deliveries", "list"])).out.trim().split("\n")).toHaveLength(2);
  });

  test("reprint makes a delivery of its own; without a service it says when it goes out", async () => {
    const id = await house.cancel("1001");
    serviceRuns = false;
    const { code, out, err } = await relay(["deliveries", "reprint", id, "--reason", "paper was torn"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^[0-9A-Z]{26}: reprint 1 of order #1001\n$/);
    expect(err).toBe(
      "note: no service is running on this ledger; it goes out when you start one with: relay serve\n",
    );
    const [made] = await house.ledger.listDeliveries({ limit: 1 });
    expect(made).toMatchObject({ kind: "reprint", reprint_of: id });
    const history = (await house.ledger.findDelivery(made?.id ?? ""))?.history ?? [];
    expect(history[0]).toMatchObject({ by: "cli ana" });
    expect(history[0]?.note).toContain("paper was torn");
  });

  test.each(["", " ", "\u001b"])(
    "bug: a reprint for no reason (%j) was made, which the API refuses",
    async (text) => {
      const id = await house.cancel("1001");
      const { code, err } = await relay(["deliveries", "reprint", id, "--reason", text]);
      expect([code, err]).toEqual([2, expect.stringContaining("Say in a few words why")]);
      expect(await house.ledger.listDeliveries({ limit: 9 })).toHaveLength(1);
    },
  );

  test("redrive refuses what waits anyway", async () => {
    const id = await house.cancel("1001");
    const { code, err } = await relay(["deliveries", "redrive", id]);
    expect(code).toBe(1);
    expect(err).toMatch(/^relay: [^\n]*\n$/);
  });
});

describe("webhooks", () => {
  test("list, show with the body as it came, replay", async () => {
    await house.webhook("noodle-bar", { id: "7", note: "esc \u001b[31m here" });
    const { out } = await relay(["webhooks", "list", "--json"]);
    const [item] = JSON.parse(out).items;
    expect(item).toMatchObject({ status: "ignored", store: "noodle-bar", platform: "shopline" });
    const { out: shown } = await relay(["webhooks", "show", item.id]);
    expect(shown).toContain('{"id":"7"');
    expect(shown).not.toContain("\u001b");
    const { out: replayed } = await relay(["webhooks", "replay", item.id]);
    expect(replayed).toMatch(new RegExp(`^${item.id} is ignored: `));
    const { out: told } = await relay(["webhooks", "replay", item.id, "--json"]);
    // As POST /api/v1/webhooks/{id}/replay says it.
    expect(JSON.parse(told)).toMatchObject({ status: "ignored", webhook: item.id, delivery: null });
    const { out: table } = await relay(["webhooks", "list", "--status", "quarantined"]);
    expect(table).toBe("no webhooks match\n");
  });

  test("no such webhook", async () => {
    for (const act of ["show", "replay"]) {
      const { code, err } = await relay(["webhooks", act, "nothing"]);
      expect([code, err]).toEqual([1, "relay: no webhook nothing; look with: relay webhooks list\n"]);
    }
  });
});

describe("stores and printers", () => {
  test("stores with the address to give to the platform", async () => {
    const { out } = await relay(["stores", "list"], { RELAY_PUBLIC_URL: "https://relay.example.com" });
    expect(out).toContain("https://relay.example.com/webhooks/shopline/noodle-bar\n");
    expect(out).toContain("https://relay.example.com/webhooks/fastpod/tee-shop/{your token}\n");
    expect(out).not.toContain("app-secret-for-tests");
  });

  test("printers without their keys", async () => {
    const { out } = await relay(["printers", "list"]);
    expect(out).toMatch(
      /^kitchen +32 +en +UTC +cancelorder +plain +set +md5 \{api_key\}\{cur_time\}\{secret_key\}$/m,
    );
    const { out: json } = await relay(["printers", "list", "--json"]);
    expect(JSON.parse(json).items).toHaveLength(2);
    expect(out + json).not.toMatch(/key-kitchen|secret-kitchen|key-bar/);
  });

  test("a test slip without a service would go nowhere", async () => {
    serviceRuns = false;
    const { code, err } = await relay(["printers", "test", "kitchen"]);
    expect(code).toBe(1);
    expect(err).toBe(
      "relay: no service is running on this ledger, so nothing would be sent; start one with: relay serve\n",
    );
    expect(await house.ledger.listDeliveries({ limit: 10 })).toEqual([]);
  });

  test("a test slip shows the cloud's yes", async () => {
    const running = relay(["printers", "test", "kitchen"]);
    await house.clock.advance(1000);
    const { code, out, err } = await running;
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^delivery {2}\w{26}\nstate {5}accepted\nanswer {4}scripted: accepted\nThe cloud took it, so key and sign pass/,
    );
  });

  test("a test slip shows the cloud's no, and is exit 1", async () => {
    house.cloud.script({ kind: "rejected", detail: "sign error" });
    const running = relay(["printers", "test", "kitchen"]);
    await house.clock.advance(1000);
    const { code, err } = await running;
    expect(code).toBe(1);
    expect(err).toMatch(
      /^relay: test slip \w{26} is dead: refused by the cloud: sign error; check the printer's api_key, [^\n]+\n$/,
    );
  });

  test("a test slip waits for the answer only so long", async () => {
    house.cloud.script("hang");
    const running = relay(["printers", "test", "kitchen", "--wait", "5", "--json"]);
    await house.clock.advance(6000);
    const { code, out, err } = await running;
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ delivery: { state: "sending", kind: "test" }, attempt: null });
    expect(err).toMatch(/ is sending: no answer yet; /);
  });

  test("an unknown printer", async () => {
    const { code, err } = await relay(["printers", "test", "cellar"]);
    expect(code).toBe(1);
    expect(err).toMatch(/^relay: .*cellar.*\n$/);
  });
});

test("regression: nothing told that a list was cut, where it was read as JSON", async () => {
  for (const order of ["1001", "1002"]) await house.cancel(order);
  for (const noun of ["deliveries", "webhooks"]) {
    const { out, err } = await relay([noun, "list", "--limit", "1", "--json"]);
    expect((JSON.parse(out) as { items: unknown[] }).items).toHaveLength(1);
    expect(err).toContain("the newest 1; there may be more: ");
  }
  expect((await relay(["deliveries", "list", "--limit", "2"])).err).not.toContain("there may be more");
});
