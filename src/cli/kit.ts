import type { Kit, Overrides } from "../kit.ts";
import { readConfig, type Config } from "../config.ts";
import { ledgerPlace } from "../core/ledger-place.ts";
import { RelayError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { cleanLine } from "../core/text.ts";
import type { UnixMs } from "../core/time.ts";
import { CommandFailed, note, type Cli } from "./cli.ts";

/** A command prints its own words; the service's log lines have no place between them. */
const SILENT = { write: () => undefined };

/**
 * Opens the ledger that the settings name, does the work, and closes it, whatever happens.
 * @throws CommandFailed where there is none: one that was made now would be empty, and its answers wrong
 */
export async function withKit<Result>(
  cli: Cli,
  work: (kit: Kit, config: Config) => Promise<Result>,
  overrides: Pick<Overrides, "unread"> = {},
): Promise<Result> {
  const config = readConfig(cli.env);
  const missing = noLedger(cli, config);
  if (missing !== null) throw new CommandFailed(missing);
  return withNewKit(cli, work, overrides, config);
}

/** For what needs no secret: deliveries and webhooks can be read, and pruned, also where their key is lost; none is made. */
export const UNREAD = { unread: "show" } as const;

/** The settings, for times in their zones; where no key opens their secrets a note says so. Null: there are none. */
export async function settingsToShow(cli: Cli, { ledger }: Kit): Promise<Settings | null> {
  try {
    return await ledger.settings();
  } catch (error) {
    if (!(error instanceof RelayError && error.code === "secret_unreadable")) throw error;
    note(cli, `note: times and slip are in UTC, for ${error.message}`);
    return null;
  }
}

/** Null: no key opens their secrets, and an answer is not to fail for that. */
export async function settingsIfOpen({ ledger }: Pick<Kit, "ledger">): Promise<Settings | null> {
  try {
    return await ledger.settings();
  } catch (error) {
    if (error instanceof RelayError && error.code === "secret_unreadable") return null;
    throw error;
  }
}

/**
 * For whoever found nothing: a slip of the finger finds nothing either, and looks as if all were well. A store that is out
 * of the settings has its past all the same.
 */
export async function noteWhyNothing(
  cli: Cli,
  kit: Pick<Kit, "ledger">,
  asked: { store?: string; printer?: string; since?: UnixMs; until?: UnixMs },
): Promise<void> {
  const { since = -Infinity, until = Infinity } = asked;
  if (since > until) note(cli, "note: --since is later than --until, so nothing can match");
  const settings = await settingsIfOpen(kit);
  if (settings === null) return;
  for (const noun of ["store", "printer"] as const) {
    const name = asked[noun];
    if (name === undefined || settings[`${noun}s`].some((known) => known.name === name)) continue;
    note(cli, `note: no ${noun} ${cleanLine(name)} is configured now; see relay ${noun}s list`);
  }
}

/** As `withKit`, for what only lists: where there is no ledger the list is as empty, `none`, and a note says why. */
export async function listFrom<Result>(
  cli: Cli,
  none: Result,
  work: (kit: Kit, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(cli.env);
  const missing = noLedger(cli, config);
  if (missing === null) return withNewKit(cli, work, UNREAD, config);
  note(cli, `note: ${missing}`);
  return none;
}

/** In words, that there is no ledger where the settings say, and what to do; null: there is one. */
export function noLedger(cli: Cli, { values }: Config): string | null {
  const place = ledgerPlace(values.RELAY_DATABASE);
  if (cli.hasLedger(place)) return null;
  return `there is no ledger at ${place.name}: run this where the service runs, with its RELAY_DATABASE`;
}

/** As `withKit`, for what may begin with a new ledger, which is made where there is none. */
export async function withNewKit<Result>(
  cli: Cli,
  work: (kit: Kit, config: Config) => Promise<Result>,
  overrides: Pick<Overrides, "unread"> = {},
  config = readConfig(cli.env),
): Promise<Result> {
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
  note(cli, `warning: made the key file ${kit.keyFile}; keep a copy elsewhere, or set RELAY_ENCRYPTION_KEY`);
}

/** What a command leaves in the ledger is sent by the service, and only by it. */
export async function noteWithoutService(cli: Cli, kit: Kit): Promise<void> {
  if (await kit.serviceRunning()) return;
  note(cli, "note: no service is running on this ledger; it goes out when you start one with: relay serve");
}
