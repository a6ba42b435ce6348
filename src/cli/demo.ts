import { createWriteStream, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { deliveryJson } from "../answers/json.ts";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import { createGoodcomSimulator } from "../goodcom/simulator/simulator.ts";
import { CommandFailed, paint, say, widthOf, type Cli } from "./cli.ts";
import { DEMO_STORES, demoConfig, demoKeys, demoPrinter, demoStores } from "./demo-settings.ts";
import { showCancellation, type Played, type Stage } from "./demo-show.ts";
import { demoShops, playTwoWay } from "./demo-two-way.ts";
import { onFreePort } from "./free-port.ts";
import { besideEachOther } from "./paper.ts";
import { closeInTime, stopSignal } from "./stopping.ts";

/** For all three slips together. */
const LIMIT_MS = 45 * SECOND_MS;
/** Long enough to see a slip "accepted" before somebody at the printer confirms it. */
const CONFIRM_AFTER_MS = 1200;
const PORT_DEFAULT = 8080;
const PORT_MAX = 65_535;
const LOG_FILE = "relay.log";
/** More deliveries than any demo makes. */
const SHOWN_MAX = 50;

interface DemoOptions {
  once?: true;
  twoWay?: true;
  json?: true;
}

export function addDemo(program: Command, cli: Cli): void {
  program
    .command("demo")
    .description(
      "the whole relay on this machine, with a simulated printer cloud: three cancellations, three slips",
    )
    .option("--once", "end by itself: 0 when all of it went well, 1 otherwise")
    .option("--two-way", "the stores with their APIs: subscribe, cancel, reconcile and watch over them")
    .option("--json", "two lines of JSON: where everything is, and what became of it")
    .action(async (options: DemoOptions) => {
      const folder = await mkdtemp(join(tmpdir(), "goodcom-relay-demo-"));
      const sweepUp = (): void => rmSync(folder, { recursive: true, force: true });
      const exit = (code: number): void => {
        sweepUp();
        cli.exit(code);
      };
      // `relay demo | head` ends the process at its next word.
      cli.stdout.prependOnceListener("error", sweepUp);
      try {
        await demo({ ...cli, exit }, folder, options);
      } finally {
        sweepUp();
      }
    });
}

async function demo(cli: Cli, folder: string, options: DemoOptions): Promise<void> {
  const [once, twoWay, json] = [options.once === true, options.twoWay === true, options.json === true];
  const reader = json ? { ...cli, stdout: nowhere() } : cli;
  const stopped = stopSignal(cli).then(() => null);
  const closers: (() => Promise<void>)[] = [];
  try {
    const stage = await setUp(cli, folder, twoWay, closers);
    const places = placesOf(stage, join(folder, LOG_FILE));
    if (json) say(cli, JSON.stringify(places));
    introduce(reader, places);
    const play = (twoWay ? playTwoWay : playAll)(reader, stage, cli.clock.now() + LIMIT_MS);
    const played = await Promise.race([play, stopped]);
    if (played === null) {
      // What it was waiting for goes away under it.
      play.catch(() => undefined);
      if (once) throw new CommandFailed("stopped before all slips were printed");
      return;
    }
    if (json) say(cli, JSON.stringify(await outcomeOf(stage, played)));
    conclude(reader, played, once);
    if (!once) await stopped;
    else if (played.failed.length > 0) {
      throw new CommandFailed(`${played.failedWords}: ${played.failed.join("; ")}`);
    }
  } finally {
    await closeInTime(cli, async () => {
      for (const close of closers.reverse()) await close();
    });
  }
}

/** @param closers gets what is to be closed at the end, also when this fails half-way */
async function setUp(
  cli: Cli,
  folder: string,
  twoWay: boolean,
  closers: (() => Promise<void>)[],
): Promise<Stage> {
  const keys = demoKeys();
  const printer = demoPrinter(keys);
  const log = createWriteStream(join(folder, LOG_FILE));
  closers.push(() => new Promise((resolve) => log.end(resolve)));
  const cloud = createGoodcomSimulator({
    clock: cli.clock,
    confirm_after_ms: CONFIRM_AFTER_MS,
    check: { api_keys: { [keys.api_key]: { secret_key: keys.secret_key, sign: printer.sign } } },
  });
  const cloudUrl = await cloud.listen();
  closers.push(() => cloud.close());
  const shops = demoShops(cli.clock, keys);
  const fastpod = await shops.fastpod.listen();
  const others = twoWay
    ? { shopline: await shops.shopline.listen(), shoplazza: await shops.shoplazza.listen() }
    : {};
  closers.push(...Object.values(shops).map((shop) => () => shop.close()));
  const stores = demoStores(keys, { fastpod, ...others });

  const overrides = { clock: cli.clock, chance: cli.chance, logTo: log };
  const service = await onFreePort(preferredPort(cli), async (port) => {
    const config = demoConfig({ folder, port, cloudUrl, admin: keys.admin, rounds: !twoWay });
    const kit = await cli.openKit(config, overrides);
    await kit.ledger.apply({ printers: [printer], stores }, { prune: false, now: cli.clock.now() });
    await kit.close();
    return cli.startService(config, overrides);
  });
  closers.push(() => service.close());
  return { service, cloud, shops, keys };
}

function preferredPort(cli: Cli): number {
  const wanted = Number(cli.env.RELAY_PORT ?? PORT_DEFAULT);
  return Number.isInteger(wanted) && wanted > 0 && wanted <= PORT_MAX ? wanted : PORT_DEFAULT;
}

/** What is written for a person to read goes here where a program reads. */
function nowhere(): Writable {
  return new Writable({
    write(_text, _encoding, done) {
      done();
    },
  });
}

function placesOf({ service, cloud, keys }: Stage, log: string) {
  return { dashboard: `${service.url}/`, sign_in_token: keys.admin, printer_cloud: `${cloud.url}/`, log };
}

async function outcomeOf({ service }: Stage, { words, failed }: Played) {
  const { items } = await service.ledger.searchDeliveries({ limit: SHOWN_MAX });
  return { result: words, failed, deliveries: items.map(deliveryJson) };
}

function introduce(cli: Cli, places: ReturnType<typeof placesOf>): void {
  say(cli, paint(cli, "bold", "goodcom-relay demo: all of it on this machine, gone when it ends"));
  say(cli, `  dashboard      ${paint(cli, "bold", places.dashboard)}`);
  say(cli, `  sign-in token  ${paint(cli, "bold", places.sign_in_token)}`);
  say(cli, `  printer cloud  ${places.printer_cloud}  (simulated, with one printer; shows its slips)`);
  say(cli, `  log            ${places.log}`);
}

/** One store after the other, so that the eye can follow. */
async function playAll(cli: Cli, stage: Stage, until: UnixMs): Promise<Played> {
  const unprinted: string[] = [];
  const papers: string[][] = [];
  for (const store of DEMO_STORES) {
    const { why, paper } = await showCancellation(cli, stage, store, until);
    if (why !== null) unprinted.push(why);
    if (paper.length > 0) papers.push(paper);
  }
  say(cli);
  for (const line of besideEachOther(papers, widthOf(cli))) say(cli, line);
  const all = DEMO_STORES.length;
  const words = `${all - unprinted.length} of ${all} slips printed and confirmed.`;
  return { words, failed: unprinted, failedWords: "not printed", hints: [] };
}

function conclude(cli: Cli, { words, failed, hints }: Played, once: boolean): void {
  say(cli);
  say(cli, paint(cli, failed.length === 0 ? "green" : "red", words));
  if (once) return;
  for (const why of failed) say(cli, `  ${why}`);
  for (const hint of hints) say(cli, `  ${hint}`);
  say(cli, "  Ctrl-C stops the demo and removes its folder.");
}
