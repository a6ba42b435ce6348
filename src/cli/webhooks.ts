import type { Command } from "commander";
import { cleanLine } from "../core/text.ts";
import { ORIGIN_WORDS, WEBHOOK_STATUSES, whyNoBody, type WebhookStatus } from "../core/webhook.ts";
import type { WebhookFilter, WebhookWithBody } from "../ledger/ledger.ts";
import { paint, printable, say, sayJson, type Cli } from "./cli.ts";
import { webhookDetailJson, webhookJson } from "../answers/json.ts";
import { sentence } from "../answers/verdict.ts";
import { listFrom, noteWhyNothing, UNREAD, withKit } from "./kit.ts";
import { LIMIT, oneOf } from "./options.ts";
import { noteCut } from "./pages.ts";
import { addReplay, findWebhook } from "./replay.ts";
import { sayTable, shortTime } from "./table.ts";

const STATUS_STYLES = {
  accepted: "green",
  duplicate: "dim",
  ignored: "dim",
  quarantined: "red",
} as const satisfies Record<WebhookStatus, string>;

export function addWebhooks(program: Command, cli: Cli): void {
  const webhooks = program.command("webhooks").description("what the stores sent, kept raw");
  webhooks
    .command("list")
    .description("inbound webhooks, newest first")
    .option("--status <status>", WEBHOOK_STATUSES.join(", "), oneOf(WEBHOOK_STATUSES))
    .option("--store <name>", "of this store")
    .option(...LIMIT)
    .option("--json", "as JSON")
    .action((options: WebhookFilter & { json?: true }) => list(cli, options));
  webhooks
    .command("show <id>")
    .description("one webhook with its headers and its body as it came")
    .option("--json", "as JSON")
    .action((id: string, options: { json?: true }) =>
      withKit(
        cli,
        async (kit) => {
          const webhook = await findWebhook(kit, id);
          if (options.json) sayJson(cli, webhookDetailJson(webhook));
          else show(cli, webhook);
        },
        UNREAD,
      ),
    );
  addReplay(webhooks, cli);
}

async function list(cli: Cli, { json, ...filter }: WebhookFilter & { json?: true }): Promise<void> {
  const found = await listFrom(cli, [], async (kit) => {
    const page = await kit.ledger.listWebhooks(filter);
    if (page.length === 0) await noteWhyNothing(cli, kit, filter);
    return page;
  });
  if (found.length === filter.limit) noteCut(cli, filter.limit, "--limit");
  if (json) {
    sayJson(cli, { items: found.map(webhookJson) });
    return;
  }
  if (found.length === 0) {
    say(cli, "no webhooks match");
    return;
  }
  sayTable(
    cli,
    [
      { header: "webhook" },
      { header: "status" },
      { header: "store", min: 10, wraps: true },
      { header: "received (UTC)" },
      { header: "came as", optional: true },
      { header: "delivery", optional: true },
      { header: "why", optional: true, min: 40, wraps: true },
    ],
    found.map((webhook) => [
      webhook.id,
      webhook.status,
      webhook.store,
      shortTime(webhook.received_at),
      ORIGIN_WORDS[webhook.origin] ?? webhook.topic ?? "-",
      webhook.delivery_id ?? "-",
      webhook.reason ?? "",
    ]),
    (text, row, column) => {
      const webhook = found[row];
      return column === 1 && webhook ? paint(cli, STATUS_STYLES[webhook.status], text) : text;
    },
  );
}

function show(cli: Cli, webhook: WebhookWithBody): void {
  const facts: [string, string | null][] = [
    ["webhook", webhook.id],
    ["status", webhook.status],
    ["why", webhook.reason],
    ["store", `${webhook.store} (${webhook.platform})`],
    ["received", `${shortTime(webhook.received_at)} UTC`],
    ["came", ORIGIN_WORDS[webhook.origin]],
    ["topic", webhook.topic],
    ["sender's id", webhook.platform_webhook_id],
    ["delivery", webhook.delivery_id],
    ["body", `${webhook.body_bytes} bytes`],
    ...Object.entries(webhook.headers).map(([name, value]): [string, string] => [
      "header",
      `${name}: ${value}`,
    ]),
  ];
  for (const [name, value] of facts) if (value !== null) say(cli, `${name.padEnd(12)}${cleanLine(value)}`);
  say(cli);
  if (webhook.body === null) return say(cli, sentence(whyNoBody(webhook)));
  for (const line of webhook.body.toString("utf8").split(/\r?\n/)) say(cli, printable(line));
}
