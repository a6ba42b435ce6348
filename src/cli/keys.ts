import { InvalidArgumentError, type Command } from "commander";
import { givenKeys, readConfig } from "../config.ts";
import { ledgerPlace } from "../core/ledger-place.ts";
import type { Keys, ListedKey, Rotation } from "../ledger/key-acts.ts";
import { count } from "./bulk.ts";
import { CommandFailed, note, say, sayJson, saysYes, type Cli } from "./cli.ts";
import { noLedger, noteNewKey } from "./kit.ts";
import { sayTable } from "./table.ts";

interface Options {
  yes?: true;
  json?: true;
}

export function addKeys(program: Command, cli: Cli): void {
  const keys = program
    .command("keys")
    .description("the keys that the stored secrets are sealed with; by their ids, never themselves");
  keys
    .command("list")
    .description("every key: whether it is the current one, where it is, how many secrets need it")
    .option("--json", "as JSON")
    .action((options: Options) => list(cli, options));
  keys
    .command("rotate")
    .description(
      "seals all stored secrets with a new key, or ends a rotation that has begun; the service may run",
    )
    .option("--json", "as JSON")
    .action((options: Options) => withKeys(cli, (opened) => rotate(cli, opened, options)));
  keys
    .command("retire")
    .argument("<id>", "8 hex digits, as relay keys list shows it", keyId)
    .description("takes an older key that no secret needs out of the key file")
    .option("--yes", "do not ask first; without a terminal, or with --json, nothing is asked")
    .option("--json", "as JSON")
    .action((id: string, options: Options) => withKeys(cli, (opened) => retire(cli, opened, id, options)));
}

function keyId(text: string): string {
  if (!/^[0-9a-f]{8}$/i.test(text)) throw new InvalidArgumentError("Give 8 hex digits, such as 015b155a.");
  return text.toLowerCase();
}

/** @throws CommandFailed where there is no ledger */
async function withKeys<Result>(cli: Cli, work: (keys: Keys) => Promise<Result>): Promise<Result> {
  const config = readConfig(cli.env);
  const missing = noLedger(cli, config);
  if (missing !== null) throw new CommandFailed(missing);
  const place = ledgerPlace(config.values.RELAY_DATABASE);
  const keys = await cli.openKeys({ given: givenKeys(config), place, clock: cli.clock });
  noteNewKey(cli, { keyFile: keys.fileMade, keyFileMade: keys.fileMade !== null });
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}

async function list(cli: Cli, { json }: Options): Promise<void> {
  const missing = noLedger(cli, readConfig(cli.env));
  if (missing !== null) note(cli, `note: ${missing}`);
  const listed = missing === null ? await withKeys(cli, (keys) => keys.list()) : [];
  if (json) {
    sayJson(cli, { items: listed });
    return;
  }
  if (listed.length === 0) {
    say(cli, "no keys yet; the first is made with the ledger");
    return;
  }
  sayTable(
    cli,
    [{ header: "key" }, { header: "is" }, { header: "secrets" }, { header: "from", min: 12, wraps: true }],
    listed.map(({ id, place, secrets, from }) => [
      id === "" ? "(none)" : id,
      place === "unknown" ? "MISSING" : place,
      count(secrets),
      from.length === 0 ? "-" : from.join(", "),
    ]),
  );
  noteWhatToDo(cli, listed);
}

function noteWhatToDo(cli: Cli, listed: readonly ListedKey[]): void {
  const needs = (place: ListedKey["place"]): boolean =>
    listed.some((key) => key.place === place && key.secrets > 0);
  if (needs("older")) note(cli, "note: secrets are sealed with an older key; run: relay keys rotate");
  if (!needs("unknown")) return;
  note(
    cli,
    "note: a key that secrets need is missing: put it back as a further line of the key file or into " +
      "RELAY_ENCRYPTION_KEY_PREVIOUS, or store those anew by relay apply",
  );
}

async function rotate(cli: Cli, keys: Keys, { json }: Options): Promise<void> {
  const done = await keys.rotate(cli.clock.now());
  if (json) sayJson(cli, done);
  else sayRotation(cli, done);
  if (done.made_in !== null) {
    note(
      cli,
      `note: keep a copy of ${done.made_in} apart from the ledger's backups; the older keys in it open those of before`,
    );
  }
  if (done.unreadable.length === 0) return;
  throw new CommandFailed(
    `no key opens the secrets of ${done.unreadable.join(", ")}, which stay as they are: see relay keys list`,
  );
}

function sayRotation(cli: Cli, { current, made_in, resealed }: Rotation): void {
  const what = made_in === null ? "the current key" : `the new key, now the first in ${made_in}`;
  say(cli, `key       ${current}, ${what}`);
  say(cli, `resealed  ${count(resealed)} ${resealed === 1 ? "secret" : "secrets"}`);
}

async function retire(cli: Cli, keys: Keys, id: string, { yes, json }: Options): Promise<void> {
  const file = await keys.retirable(id);
  const gone =
    `backups of before the rotation need key ${id} to open their secrets, and it will be gone from ${file}: keep a ` +
    "copy of it apart as long as you keep those; confirmations of slips sent before the rotation are refused from then on";
  if (cli.ask !== null && !yes && !json) {
    say(cli, gone);
    if (!(await saysYes(cli.ask, `Retire key ${id}?`))) {
      throw new CommandFailed("nothing was retired; say y, or give --yes, to retire it");
    }
  } else note(cli, `note: ${gone}`);
  await keys.retire(id, cli.clock.now());
  if (json) sayJson(cli, { id, retired_from: file });
  else say(cli, `key ${id} is retired: it is no longer in ${file}`);
}
