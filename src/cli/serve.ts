import type { Command } from "commander";
import { readConfig } from "../config.ts";
import { note, type Cli } from "./cli.ts";
import { noteNewKey } from "./kit.ts";
import { closeInTime, stopSignal } from "./stopping.ts";

export function addServe(program: Command, cli: Cli): void {
  program
    .command("serve")
    .description("runs the relay: takes webhooks, sends slips, follows confirmations; log lines on stdout")
    .option("--json", "as JSON: what log lines are anyway")
    .action(async () => {
      const config = readConfig(cli.env, undefined, "serve");
      const stop = stopSignal(cli);
      const service = await cli.startService(config, {
        ...{ clock: cli.clock, chance: cli.chance, exposures: cli.exposures().join("; ") },
      });
      note(cli, `relay: listening on ${service.url}; stop with Ctrl-C`);
      noteNewKey(cli, service);
      if (service.adminTokenMade) {
        note(
          cli,
          `relay: RELAY_ADMIN_TOKEN is not set; the operators' token of this run is ${service.adminToken}`,
        );
      }
      await stop;
      note(cli, "relay: stopping; once more stops at once");
      await closeInTime(cli, () => service.close());
    });
}
