import type { Command } from "commander";
import { readConfig } from "../config.ts";
import { note, say, sayJson, type Cli } from "./cli.ts";

export function addBackup(program: Command, cli: Cli): void {
  program
    .command("backup <file>")
    .description("a compact, checked copy of the ledger in a new file, also while the service runs")
    .option("--json", "as JSON")
    .action(async (file: string, options: { json?: true }) => {
      const { values } = readConfig(cli.env);
      const startedAt = cli.clock.now();
      const report = await cli.backup({ path: values.RELAY_DATABASE, to: file, now: startedAt });
      const told = { ...report, duration_ms: cli.clock.now() - startedAt };
      if (options.json) sayJson(cli, told);
      else {
        say(cli, `${told.path}: ${told.webhooks} webhooks, ${told.deliveries} deliveries`);
        say(cli, `${told.bytes} bytes in ${told.duration_ms} ms, checked`);
      }
      const key =
        values.RELAY_ENCRYPTION_KEY === undefined ? `${values.RELAY_DATABASE}.key` : "RELAY_ENCRYPTION_KEY";
      note(
        cli,
        `note: the key that opens the stored secrets (${key}) is not in it; keep a copy of that apart`,
      );
    });
}
