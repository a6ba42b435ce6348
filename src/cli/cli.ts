import { styleText } from "node:util";
import type { Writable } from "node:stream";
import type { Service } from "../app.ts";
import type { Kit, Overrides } from "../kit.ts";
import type { backupLedger } from "../ledger/sqlite/backup.ts";
import { actorOf } from "../core/actor.ts";
import type { Config } from "../config.ts";
import type { LedgerPlace } from "../core/ledger-place.ts";
import type { MachineClock } from "../core/time.ts";
import type { openKeys } from "../ledger/key-acts.ts";
import type { moveLedger } from "../ledger/move/move.ts";

/** A stream that text goes to; a terminal says so, and how wide it is. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

/** All a command may touch of its process: handed in by `main.ts`, and by tests. */
export interface Cli {
  env: Readonly<Record<string, string | undefined>>;
  stdout: Output;
  stderr: Output;
  clock: MachineClock;
  chance: () => number;
  /** The operating system's name of whoever runs the command; null where it has none. */
  user: string | null;
  /** What lets others read the memory of this process, and how to close it: a sentence each. */
  exposures(): string[];
  /** Calls back at each SIGINT, SIGTERM and SIGHUP, which no longer end the process. @returns how to stop it */
  onSignal(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Puts a question to the person at the terminal; null where none sits. @returns what they typed; empty: nothing */
  ask: ((question: string) => Promise<string>) | null;
  /**
   * Whether a ledger is there to be opened; a server is asked by opening its database.
   * @throws `ledger_unavailable` where this user cannot tell
   */
  hasLedger(place: LedgerPlace): boolean;
  openKit(config: Config, overrides?: Overrides): Promise<Kit>;
  /** Copies a ledger without opening it for work: no key, no migration. */
  backup(what: Parameters<typeof backupLedger>[0]): Promise<ReturnType<typeof backupLedger>>;
  /** Moves a ledger without opening it for work: no key. */
  moveLedger: typeof moveLedger;
  /** Opens a ledger for its keys alone. */
  openKeys: typeof openKeys;
  startService(config: Config, overrides?: Overrides): Promise<Service>;
}

/** The command was understood and did not succeed: exit 1, and the message as one line on stderr. */
export class CommandFailed extends Error {
  /** @param message what happened and what to do; no secret */
  constructor(message: string) {
    super(message);
    this.name = "CommandFailed";
  }
}

/** The command was not understood: exit 2, and the message as one line on stderr. */
export class WrongUsage extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WrongUsage";
  }
}

export function say(cli: Cli, text = ""): void {
  cli.stdout.write(`${text}\n`);
}

/** A line for the person beside what the command prints. */
export function note(cli: Cli, text: string): void {
  cli.stderr.write(`${text}\n`);
}

export function sayJson(cli: Cli, value: unknown): void {
  const json = JSON.stringify(value, null, 2);
  say(
    cli,
    json.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/** JSON escapes the controls below U+0020 alone: to a terminal U+009B is as much an order, and U+202E swaps what is read. */
const UNPRINTABLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A line whose spaces matter (a slip's, a body's), without what would drive the terminal or swap what is read. */
export function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "");
}

type Style = Parameters<typeof styleText>[0];

/** Coloured on a terminal; plain in a file, a pipe, and where NO_COLOR is set. */
export function paint(cli: Cli, style: Style, text: string): string {
  return styleText(style, text, { stream: cli.stdout });
}

/** Who acts, for the history. */
export function byOf({ user }: Cli): string {
  return actorOf("cli", user);
}

/** Columns that a line may take; null where nobody looks at it through a window. */
export function widthOf(cli: Cli): number | null {
  return cli.stdout.isTTY === true && cli.stdout.columns ? cli.stdout.columns : null;
}

/** @returns whether the person at the terminal says yes; whatever else they say or do is no */
export async function saysYes(ask: NonNullable<Cli["ask"]>, question: string): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test(await ask(`${question} [y/N] `));
}
