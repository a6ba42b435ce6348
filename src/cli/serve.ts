import type { Command } from "commander";
import { readConfig, type Config } from "../config.ts";
import { isUnset } from "../core/ledger-clock.ts";
import { ledgerPlace } from "../core/ledger-place.ts";
import { toRfc3339 } from "../core/time.ts";
import { CommandFailed, note, type Cli } from "./cli.ts";
import { noteNewKey } from "./kit.ts";
import { closeInTime, stopSignal } from "./stopping.ts";

export function addServe(program: Command, cli: Cli): void {
  program
    .command("serve")
    .description("runs the relay: takes webhooks, sends slips, follows confirmations; log lines on stdout")
    .option("--json", "as JSON: what log lines are anyway")
    .action(async () => {
      const config = readConfig(cli.env, undefined, "serve");
      refuseWrongClock(cli, config);
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

/**
 * A machine without a clock of its own begins in 1970, until it has asked the network. What came by then would be out of
 * time at once when the clock is set. Refused webhooks are sent again, and whoever watches the service starts it again.
 *
 * @throws CommandFailed where the ledger goes by this machine's clock
 */
function refuseWrongClock(cli: Cli, { values }: Config): void {
  const now = cli.clock.now();
  if (!isUnset(now) || ledgerPlace(values.RELAY_DATABASE).kind !== "sqlite") return;
  throw new CommandFailed(
    `this machine's clock says ${toRfc3339(now)}, and slips would be out of time once it is set: set it by NTP, then start again`,
  );
}
