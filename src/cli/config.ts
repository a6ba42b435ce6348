import type { Command } from "commander";
import { describeConfig, readConfig } from "../config.ts";
import { sayJson, type Cli } from "./cli.ts";
import { sayTable } from "./table.ts";

export function addConfig(program: Command, cli: Cli): void {
  program
    .command("config")
    .description("the effective settings, secrets masked, with where each came from")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => {
      const settings = describeConfig(readConfig(cli.env));
      if (options.json) return sayJson(cli, { settings });
      sayTable(
        cli,
        [{ header: "setting" }, { header: "value", min: 20, wraps: true }, { header: "from" }],
        settings.map(({ name, value, source }) => [name, value === "" ? "-" : value, source]),
      );
    });
}
