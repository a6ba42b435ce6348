import type { Kit, Overrides } from "../kit.ts";
import { readConfig, type Config } from "../config.ts";
import { note, type Cli } from "./cli.ts";

/** A command prints its own words; the service's log lines have no place between them. */
const SILENT = { write: () => undefined };

/** Opens the ledger that the settings name, does the work, and closes it, whatever happens. */
export async function withKit<Result>(
  cli: Cli,
  work: (kit: Kit, config: Config) => Promise<Result>,
  overrides: Pick<Overrides, "unread"> = {},
): Promise<Result> {
  const config = readConfig(cli.env);
  const own = { clock: cli.clock, chance: cli.chance, logTo: SILENT };
  const kit = await cli.openKit(config, { ...own, ...overrides });
  noteNewKey(cli, kit);
  try {
    return await work(kit, config);
  } finally {
    await kit.close();
  }
}

/** Told once, when it is made: whoever loses it loses every stored secret. */
export function noteNewKey(cli: Cli, kit: Pick<Kit, "keyFile" | "keyFileMade">): void {
  if (!kit.keyFileMade || kit.keyFile === null) return;
  note(cli, `note: made the key file ${kit.keyFile}; keep a copy elsewhere, or set RELAY_ENCRYPTION_KEY`);
}

/** What a command leaves in the ledger is sent by the service, and only by it. */
export async function noteWithoutService(cli: Cli, kit: Kit): Promise<void> {
  if (await kit.serviceRunning()) return;
  note(cli, "note: no service is running on this ledger; it goes out when you start one with: relay serve");
}
