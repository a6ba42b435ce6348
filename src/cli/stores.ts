import type { Command } from "commander";
import type { Kit } from "../kit.ts";
import { readConfig } from "../config.ts";
import { nextExpiry, validAt } from "../core/expiring.ts";
import { needsVerifying, proofsOf, type StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";
import { byOf, say, sayJson, type Cli } from "./cli.ts";
import { storeJson, webhookAddress, type StoreSeen } from "../answers/json.ts";
import { listFrom, withKit } from "./kit.ts";
import { sayTable, shortTime } from "./table.ts";
import { needService, tellTest, waitOption, type TestOptions } from "./test-slip.ts";

export function addStores(program: Command, cli: Cli): void {
  const stores = program.command("stores").description("the stores whose webhooks are taken");
  stores
    .command("list")
    .description("all stores with the address of their webhooks, without their secrets")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => list(cli, options.json === true));
  stores
    .command("test <name>")
    .description("sends a sample cancellation of the store's platform the whole way to paper, marked TEST")
    .addOption(waitOption())
    .option("--json", "as JSON")
    .action((name: string, options: TestOptions) => withKit(cli, (kit) => test(cli, kit, name, options)));
}

async function test(cli: Cli, kit: Kit, name: string, options: TestOptions): Promise<void> {
  await needService(kit);
  const { delivery, public_address } = await kit.relay.sendTest(name, byOf(cli));
  if (!options.json) say(cli, `public    ${public_address.detail}`);
  const advice = `check printer ${delivery.printer} with: relay printers test ${delivery.printer}`;
  await tellTest(
    cli,
    kit,
    delivery.id,
    options,
    { advice, look: "It says TEST: nothing is to be made." },
    { public_address },
  );
}

type Seen = { store: StoreSettings } & StoreSeen;

async function list(cli: Cli, json: boolean): Promise<void> {
  const base = readConfig(cli.env).values.RELAY_PUBLIC_URL;
  const items = await listFrom(cli, [], allSeen);
  if (json) {
    const now = cli.clock.now();
    sayJson(cli, { items: items.map((item) => storeJson(item.store, base, item, now)) });
    return;
  }
  if (items.length === 0) {
    say(cli, "no stores yet; name them in a file and run: relay apply <file>");
    return;
  }
  sayTable(
    cli,
    [
      { header: "store", min: 12, wraps: true },
      { header: "printer", min: 8, wraps: true },
      { header: "proof", optional: true },
      { header: "last webhook (UTC)", optional: true },
      // Never cut: it is there to be copied.
      { header: "webhook address" },
    ],
    items.map(({ store, lastWebhookAt }) => [
      store.name,
      store.printer,
      proofOf(store, cli.clock.now()),
      shortTime(lastWebhookAt),
      webhookAddress(base, store),
    ]),
  );
}

async function allSeen({ ledger }: Kit): Promise<Seen[]> {
  const watches = new Map((await ledger.storeWatches()).map((watch) => [watch.store, watch]));
  const items: Seen[] = [];
  for (const store of (await ledger.settings()).stores) {
    const [last] = await ledger.listWebhooks({ store: store.name, origin: "webhook", limit: 1 });
    items.push({ store, lastWebhookAt: last?.received_at ?? null, watch: watches.get(store.name) });
  }
  return items;
}

/** In words: what makes a webhook of this store believed, and until when the first of it counts. */
function proofOf(store: StoreSettings, now: UnixMs): string {
  const proofs = proofsOf(store);
  const count = validAt(proofs, now).length;
  if (count === 0) return "none: refuses all";
  const end = nextExpiry(proofs, now);
  const until = end === null ? "" : `, one until ${shortTime(end)} UTC`;
  if (store.platform === "fastpod") {
    return `${count === 1 ? "token" : `${count} tokens`} ${needsVerifying(store) ? "+ API" : "alone"}${until}`;
  }
  return `${count} ${count === 1 ? "secret" : "secrets"}${until}`;
}
