import type { Command } from "commander";
import { alertJson } from "../answers/json.ts";
import { ALERT_STATES, ALERT_TYPES, type Alert } from "../core/alert.ts";
import type { AlertFilter } from "../ledger/alert-ledger.ts";
import { CommandFailed, paint, say, sayJson, type Cli } from "./cli.ts";
import { listFrom, UNREAD, withKit } from "./kit.ts";
import { LIMIT, oneOf } from "./options.ts";
import { noteCut } from "./pages.ts";
import { sayTable, shortTime } from "./table.ts";

type ListOptions = Omit<AlertFilter, "before"> & { json?: true };

export function addAlerts(program: Command, cli: Cli): void {
  const alerts = program.command("alerts").description("what needs a person, and whether it is over");
  alerts
    .command("list")
    .description("alerts, newest first")
    .option("--state <state>", ALERT_STATES.join(", "), oneOf(ALERT_STATES))
    .option("--type <type>", ALERT_TYPES.join(", "), oneOf(ALERT_TYPES))
    .option(...LIMIT)
    .option("--json", "as JSON")
    .action((options: ListOptions) => list(cli, options));
  alerts
    .command("test")
    .description("sends one alert that means nothing to RELAY_ALERT_URL")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => test(cli, options));
}

async function list(cli: Cli, { json, ...filter }: ListOptions): Promise<void> {
  const found = await listFrom(cli, [], (kit) => kit.ledger.listAlerts(filter));
  if (found.length === filter.limit) noteCut(cli, filter.limit, "--limit");
  if (json) {
    sayJson(cli, { items: found.map(alertJson) });
    return;
  }
  if (found.length === 0) {
    say(cli, filter.state === "open" ? "nothing is open" : "no alerts match");
    return;
  }
  sayTable(
    cli,
    [
      { header: "state" },
      { header: "since (UTC)" },
      { header: "alert", min: 46, wraps: true },
      { header: "told (UTC)", optional: true },
      { header: "over (UTC)", optional: true },
      { header: "about", optional: true },
    ],
    found.map((alert) => [
      alert.state,
      shortTime(alert.raised_at),
      alert.text,
      shortTime(alert.told_at),
      shortTime(alert.closed_at),
      aboutOf(alert),
    ]),
    (text, row, column) => (column === 0 ? paint(cli, styleOf(found[row]), text) : text),
  );
}

function aboutOf({ delivery_id, webhook_id }: Alert): string {
  if (delivery_id !== null) return `delivery ${delivery_id}`;
  return webhook_id === null ? "-" : `webhook ${webhook_id}`;
}

function styleOf(alert: Alert | undefined): "dim" | "red" | "yellow" {
  if (alert?.state !== "open") return "dim";
  return alert.severity === "critical" ? "red" : "yellow";
}

async function test(cli: Cli, { json }: { json?: true }): Promise<void> {
  const result = await withKit(cli, (kit) => kit.testAlert(), UNREAD);
  if (result === null) {
    throw new CommandFailed(
      "RELAY_ALERT_URL is not set: alerts are kept and nobody is told; set it, then try again",
    );
  }
  if (json) sayJson(cli, result);
  if (!result.sent)
    throw new CommandFailed(`the test alert did not arrive: ${result.detail}; check RELAY_ALERT_URL`);
  if (!json) say(cli, `sent, and the address has taken it; its webhook-id is ${result.id}`);
}
