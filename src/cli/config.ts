import type { Command } from "commander";
import { describeConfig, readConfig, serveProblems } from "../config.ts";
import { note, sayJson, type Cli } from "./cli.ts";
import { sayTable } from "./table.ts";

export function addConfig(program: Command, cli: Cli): void {
  program
    .command("config")
    .description("the effective settings, secrets masked, with where each came from")
    .option("--json", "as JSON")
    .action((options: { json?: true }) => {
      const config = readConfig(cli.env, undefined, "show");
      const settings = describeConfig(config);
      // They are good for every other command: so they are shown, and this is said beside them.
      for (const problem of serveProblems(config)) note(cli, `relay: serve would not start: ${problem}`);
      if (options.json) return sayJson(cli, { settings });
      sayTable(
        cli,
        [{ header: "setting" }, { header: "value", min: 20, wraps: true }, { header: "from" }],
        settings.map(({ name, value, source }) => [name, value === "" ? "-" : value, source]),
      );
    });
}
