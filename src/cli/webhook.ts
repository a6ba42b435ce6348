import type { Command } from "commander";
import { readConfig } from "../config.ts";
import type { PlatformName } from "../core/cancellation.ts";
import { validAt } from "../core/expiring.ts";
import type { StoreSettings } from "../core/settings.ts";
import { cleanLine } from "../core/text.ts";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import { webhookPath } from "../core/webhook.ts";
import { signWebhook } from "../platforms/sample.ts";
import { CommandFailed, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { BODY_BYTES_MAX, readBounded } from "./files.ts";
import { noLedger, withKit } from "./kit.ts";
import { httpUrl, platformArgument } from "./options.ts";
import { post, type Posted } from "./post.ts";

const TIMEOUT_MS = 30 * SECOND_MS;

interface SendOptions {
  store?: string;
  url?: string;
  secret?: string;
  token?: string;
  json?: true;
}

export function addWebhook(program: Command, cli: Cli): void {
  const webhook = program
    .command("webhook")
    .description("webhooks as a store would send them, for trying out");
  webhook
    .command("send")
    .description("signs a file as the platform does and posts it to a running relay")
    .addArgument(platformArgument())
    .argument("<file>", "the body")
    .option("--store <name>", "the store it is for; the ledger's only one of that platform unless given")
    .option("--url <base>", "where the relay is; RELAY_PUBLIC_URL unless given", httpUrl)
    .option("--secret <secret>", "signs with this; the store's first secret in the ledger unless given")
    .option("--token <token>", "fastpod: the token in the address (the ledger keeps only its hash)")
    .option("--json", "as JSON")
    .action(async (platform: PlatformName, path: string, options: SendOptions) => {
      const body = await readBounded(path, BODY_BYTES_MAX);
      const base = options.url ?? readConfig(cli.env).values.RELAY_PUBLIC_URL;
      const posted = await send(cli, platform, body, base, options);
      if (options.json) sayJson(cli, posted);
      else say(cli, `HTTP ${posted.status}  ${cleanLine(posted.answer)}`);
      if (posted.status !== 200) {
        throw new CommandFailed(`the relay answered ${posted.status}, not 200; its words are above`);
      }
    });
}

async function send(
  cli: Cli,
  platform: PlatformName,
  body: Buffer,
  base: string,
  options: SendOptions,
): Promise<Posted> {
  const { store, secret } = await addressee(cli, platform, options);
  const url = `${base}${webhookPath({ platform, name: store }, encodeURIComponent(secret))}`;
  return post(url, signWebhook(platform, body, secret, cli.clock.now()), body, TIMEOUT_MS);
}

/** What is not given is the ledger's: its only store of that platform, and that store's first secret. */
async function addressee(
  cli: Cli,
  platform: PlatformName,
  { store, secret, token }: SendOptions,
): Promise<{ store: string; secret: string }> {
  const proof = platform === "fastpod" ? token : secret;
  if (proof === undefined && platform === "fastpod")
    throw new WrongUsage("a fastpod webhook carries its token in the address: give --token");
  if (store !== undefined && proof !== undefined) return { store, secret: proof };
  const missing = noLedger(cli, readConfig(cli.env));
  if (missing !== null) {
    const give = platform === "fastpod" ? "--store" : "--store and --secret";
    throw new CommandFailed(`${missing}; or give ${give}`);
  }
  const { stores } = await withKit(cli, (kit) => kit.ledger.settings());
  const found = storeIn(
    stores.filter((one) => one.platform === platform),
    platform,
    store,
  );
  return { store: found.name, secret: proof ?? secretOf(found, cli.clock.now()) };
}

function storeIn(stores: StoreSettings[], platform: PlatformName, name: string | undefined): StoreSettings {
  const [first, second] = name === undefined ? stores : stores.filter((one) => one.name === name);
  if (first === undefined) {
    const which = name === undefined ? `${platform} store` : `${platform} store ${name}`;
    const give = name === undefined ? "--store and --secret" : "--secret";
    throw new CommandFailed(`no ${which} in the ledger: give ${give}, or see relay stores list`);
  }
  if (second !== undefined) {
    const names = stores.map((one) => one.name).join(", ");
    throw new WrongUsage(`which ${platform} store is it for? give --store: ${names}`);
  }
  return first;
}

function secretOf(store: StoreSettings, now: UnixMs): string {
  const [secret] = validAt(store.secrets, now);
  if (secret === undefined)
    throw new CommandFailed(
      `store ${store.name} has no secret that is valid now: apply one, or give --secret`,
    );
  return secret;
}
