import { existsSync } from "node:fs";
import type { Command } from "commander";
import { readConfig, type Config } from "../config.ts";
import { ledgerPlace } from "../core/ledger-place.ts";
import { CommandFailed, note, say, sayJson, WrongUsage, type Cli } from "./cli.ts";

/** Where the keys are that there are now; a backup needs none. */
function placesOf(values: Config["values"]): string {
  const { RELAY_ENCRYPTION_KEY: current, RELAY_ENCRYPTION_KEY_PREVIOUS: previous } = values;
  const file = `${ledgerPlace(values.RELAY_DATABASE).keyPath}.key`;
  if (current === undefined) return existsSync(file) ? file : "the service's";
  const places = ["RELAY_ENCRYPTION_KEY"];
  if (previous !== undefined) places.push("RELAY_ENCRYPTION_KEY_PREVIOUS");
  if (existsSync(file)) places.push(file);
  return places.join(", ");
}

export function addBackup(program: Command, cli: Cli): void {
  program
    .command("backup <file>")
    .description("a compact, checked copy of the ledger in a new file, also while the service runs")
    .option("--json", "as JSON")
    .action(async (file: string, options: { json?: true }) => {
      if (file.trim() === "") throw new WrongUsage("name the file that the copy goes into");
      const { values } = readConfig(cli.env);
      const place = ledgerPlace(values.RELAY_DATABASE);
      if (place.kind === "postgres") {
        throw new CommandFailed(
          `${place.name} is backed up by its server: pg_dump, or the archive of its log (docs/scaling.md)`,
        );
      }
      const startedAt = cli.clock.now();
      const report = await cli.backup({ path: place.path, to: file, now: startedAt });
      const told = { ...report, duration_ms: cli.clock.now() - startedAt };
      if (options.json) sayJson(cli, told);
      else {
        say(cli, `${told.path}: ${told.webhooks} webhooks, ${told.deliveries} deliveries`);
        say(cli, `${told.bytes} bytes in ${told.duration_ms} ms, checked`);
      }
      const ids = report.key_ids.length === 0 ? "" : `: ${report.key_ids.join(", ")}`;
      note(
        cli,
        `note: the key that opens the stored secrets (${placesOf(values)}${ids}) is not in it; keep a copy of that ` +
          "apart for as long as you keep this backup, also when you rotate and retire it",
      );
    });
}
