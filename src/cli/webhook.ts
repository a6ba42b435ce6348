import type { Command } from "commander";
import { readConfig } from "../config.ts";
import type { PlatformName } from "../core/cancellation.ts";
import { validAt } from "../core/expiring.ts";
import { cleanLine } from "../core/text.ts";
import { SECOND_MS } from "../core/time.ts";
import { signWebhook, webhookPath } from "../platforms/sample.ts";
import { CommandFailed, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { BODY_BYTES_MAX, readBounded } from "./files.ts";
import { withKit } from "./kit.ts";
import { httpUrl, platformArgument } from "./options.ts";
import { post, type Posted } from "./post.ts";

const TIMEOUT_MS = 30 * SECOND_MS;

interface SendOptions {
  store: string;
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
    .requiredOption("--store <name>", "the store it is for")
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
  const secret = await secretFor(cli, platform, options);
  const url = `${base}${webhookPath(platform, options.store, secret)}`;
  return post(url, signWebhook(platform, body, secret, cli.clock.now()), body, TIMEOUT_MS);
}

async function secretFor(cli: Cli, platform: PlatformName, options: SendOptions): Promise<string> {
  if (platform !== "fastpod") return options.secret ?? secretOf(cli, platform, options.store);
  if (options.token !== undefined) return options.token;
  throw new WrongUsage("a fastpod webhook carries its token in the address: give --token");
}

async function secretOf(cli: Cli, platform: PlatformName, name: string): Promise<string> {
  const { stores } = await withKit(cli, (kit) => kit.ledger.settings());
  const store = stores.find((one) => one.name === name && one.platform === platform);
  if (store === undefined) {
    throw new CommandFailed(
      `no ${platform} store ${name} in the ledger: give --secret, or see relay stores list`,
    );
  }
  const [secret] = validAt(store.secrets, cli.clock.now());
  if (secret === undefined)
    throw new CommandFailed(`store ${name} has no secret that is valid now: apply one, or give --secret`);
  return secret;
}
