import { statSync } from "node:fs";
import { platform, versions } from "node:process";
import type { Command } from "commander";
import type { Kit } from "../kit.ts";
import { readConfig, type Config } from "../config.ts";
import { isHeld } from "../core/decide.ts";
import { ledgerPlace } from "../core/ledger-place.ts";
import { needsVerifying, type StoreSettings } from "../core/settings.ts";
import { cleanLine } from "../core/text.ts";
import type { GoodcomClient } from "../goodcom/api.ts";
import { createGoodcomClient } from "../goodcom/client.ts";
import { createPlatforms } from "../platforms/index.ts";
import { CommandFailed, paint, say, sayJson, type Cli } from "./cli.ts";
import {
  cloudChecks,
  keyCheck,
  keyUseCheck,
  printerChecks,
  serviceCheck,
  settingsChecks,
  storeChecks,
  type Check,
  type PrinterRecord,
} from "./doctor-checks.ts";
import { readShared, sharedChecks } from "./doctor-database.ts";
import { addressChecks, fileChecks, memoryCheck, sharedProofChecks } from "./doctor-guard.ts";
import { watchChecks, watchOptionsOf } from "./doctor-watch.ts";

const COUNTED_MAX = 200;
/** No order has this id: "not found" is the answer of an API that works. */
const NO_ORDER = "relay-doctor-no-such-order";
const DETAIL_CHARS_MAX = 1000;

const MARKS = { ok: ["green", "ok  "], warn: ["yellow", "warn"], fail: ["red", "FAIL"] } as const;

/** What doctor asks of the world outside. */
export interface Outside {
  cloud: Pick<GoodcomClient, "reachable" | "clockSkewMs">;
  /** Whether the store's own API takes its token; null where it is never asked. */
  askStore(store: StoreSettings): Promise<{ works: boolean; detail: string } | null>;
  /** The permission bits of a file; null: there is none, or this system has no such bits. */
  modeOf(path: string): number | null;
  close(): Promise<void>;
}

export function addDoctor(program: Command, cli: Cli): void {
  program
    .command("doctor")
    .description("checks settings, ledger, clock, cloud, stores and printers, and says what to mend")
    .option("--json", "as JSON")
    .action(async (options: { json?: true }) => {
      const checks = await examine(cli, realOutside(cli));
      if (options.json) sayJson(cli, { checks });
      else for (const check of checks) say(cli, lineOf(cli, check));
      const failed = checks.filter((check) => check.status === "fail").length;
      if (failed > 0) {
        throw new CommandFailed(
          `${failed} of ${checks.length} checks failed: mend them, then relay doctor again`,
        );
      }
    });
}

function lineOf(cli: Cli, { status, subject, detail }: Check): string {
  const [style, mark] = MARKS[status];
  return `${paint(cli, style, mark)}  ${subject}: ${cleanLine(detail, DETAIL_CHARS_MAX)}`;
}

/** All checks, in the order in which one would mend what they find. */
export async function examine(cli: Cli, outside: (config: Config) => Outside): Promise<Check[]> {
  let config: Config;
  try {
    config = readConfig(cli.env, undefined, "show");
  } catch (error) {
    return [{ status: "fail", subject: "settings", detail: wordsOf(error) }];
  }
  const checks: Check[] = [
    { status: "ok", subject: "settings", detail: "read; relay config shows them" },
    ...settingsChecks(config, versions.node),
    memoryCheck(cli.exposures()),
  ];
  const world = outside(config);
  const { cloud } = world;
  try {
    const ledger = await examineLedger(cli, config, world);
    const skew = (await cloud.reachable()) ? await cloud.clockSkewMs() : "unreachable";
    checks.push(...ledger.checks, ...cloudChecks(config.values.GOODCOM_URL, skew, ledger.offsetMs));
    return checks;
  } finally {
    await world.close();
  }
}

/** What is found of a ledger, and this machine's clock minus its database's; null: it has none, or was not asked. */
interface LedgerFindings {
  checks: Check[];
  offsetMs: number | null;
}

async function examineLedger(cli: Cli, config: Config, world: Outside): Promise<LedgerFindings> {
  const subject = "ledger";
  const place = ledgerPlace(config.values.RELAY_DATABASE);
  let kit: Kit;
  try {
    if (!cli.hasLedger(place)) {
      const detail = `there is none at ${place.name}: run this where the service runs, with its RELAY_DATABASE; a new one is made by relay apply <file>`;
      return { checks: [{ status: "fail", subject, detail }], offsetMs: null };
    }
    const silent = { write: () => undefined };
    kit = await cli.openKit(config, { clock: cli.clock, chance: cli.chance, logTo: silent });
  } catch (error) {
    return { checks: [{ status: "fail", subject, detail: wordsOf(error) }], offsetMs: null };
  }
  try {
    await kit.ledger.ping(cli.clock.now());
    const shared = await readShared(kit.ledger, cli.clock);
    const checks: Check[] = [
      { status: "ok", subject, detail: `${place.name} opens and can be written` },
      ...fileChecks(place, kit.keyFile, (path) => world.modeOf(path)),
      keyCheck(kit.keyFile),
      keyUseCheck(await kit.ledger.keyUses()),
      ...(shared === null ? [serviceCheck(await kit.serviceRunning())] : sharedChecks(shared)),
    ];
    const { stores, printers } = await kit.ledger.settings();
    if (stores.length + printers.length === 0) {
      checks.push({
        status: "warn",
        subject: "stores",
        detail: "no store and no printer yet: relay apply <file>",
      });
    }
    const watches = new Map((await kit.ledger.storeWatches()).map((watch) => [watch.store, watch]));
    const watchOptions = watchOptionsOf(config, await kit.serviceRunning(), cli.clock.now());
    for (const store of stores) {
      checks.push(...storeChecks(store, printers, await world.askStore(store), cli.clock.now()));
      checks.push(...addressChecks(store));
      checks.push(...watchChecks(store, watches.get(store.name), watchOptions));
    }
    checks.push(...sharedProofChecks(stores, cli.clock.now()));
    for (const printer of printers) {
      checks.push(...printerChecks(printer, await recordOf(kit, printer.name)));
    }
    return { checks, offsetMs: shared?.offsetMs ?? null };
  } catch (error) {
    return { checks: [{ status: "fail", subject, detail: wordsOf(error) }], offsetMs: null };
  } finally {
    await kit.close();
  }
}

async function recordOf(kit: Kit, printer: string): Promise<PrinterRecord> {
  const { ledger } = kit;
  const [printed] = await ledger.listDeliveries({ printer, state: "printed", limit: 1 });
  const [accepted] = await ledger.listDeliveries({ printer, state: "accepted", limit: 1 });
  const dead = await ledger.listDeliveries({ printer, state: "dead", limit: COUNTED_MAX });
  const pending = await ledger.listDeliveries({ printer, state: "pending", limit: COUNTED_MAX });
  const acceptedAt = Math.max(printed?.accepted_at ?? 0, accepted?.accepted_at ?? 0);
  return {
    last_accepted_at: acceptedAt === 0 ? null : acceptedAt,
    last_printed_at: printed?.printed_at ?? null,
    dead: dead.length,
    held: pending.filter(isHeld).length,
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The real world: the cloud's client, and the store APIs of those platforms whose webhooks prove nothing. */
function realOutside(cli: Cli): (config: Config) => Outside {
  return (config) => {
    const stores = createPlatforms({ clock: cli.clock });
    const cloud = createGoodcomClient({ url: config.values.GOODCOM_URL, clock: cli.clock });
    return {
      cloud,
      async askStore(store) {
        if (!needsVerifying(store)) return null;
        const { api } = stores.platforms[store.platform];
        const answer = await api.getOrder(store, NO_ORDER, "once");
        if (answer.kind === "answered") return { works: true, detail: "found" };
        return { works: answer.why === "not_found", detail: answer.detail };
      },
      modeOf: (path) =>
        platform === "win32" ? null : (statSync(path, { throwIfNoEntry: false })?.mode ?? null),
      async close() {
        await Promise.all([stores.close(), cloud.close()]);
      },
    };
  };
}
