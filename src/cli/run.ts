import { Command, CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { RelayError } from "../core/errors.ts";
import { cleanLine } from "../core/text.ts";
import { VERSION } from "../version.ts";
import { CommandFailed, note, WrongUsage, type Cli } from "./cli.ts";
import { nounsFor } from "./nouns.ts";

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;

/** Longest error line; a list of many problems may be long, an endless one helps nobody. */
const ERROR_CHARS_MAX = 4000;

/**
 * The command line of the relay.
 * @param argv without node and the script
 * @returns the exit code: 0 success, 1 failure, 2 wrong usage; never throws
 */
export async function run(argv: readonly string[], cli: Cli): Promise<number> {
  const program = await createProgram(argv, cli);
  try {
    await program.parseAsync(argv, { from: "user" });
    return EXIT_OK;
  } catch (error) {
    return tell(error, commandPath(program, argv), cli);
  }
}

async function createProgram(argv: readonly string[], cli: Cli): Promise<Command> {
  const program = new Command("relay")
    .description("Prints order cancellations of SHOPLINE, Shoplazza and FastPOD on Goodcom printers.")
    .version(VERSION)
    .exitOverride()
    // Help is written here; errors are told in one line by `tell`.
    .configureOutput({ writeOut: (text) => cli.stdout.write(text), writeErr: () => undefined });
  for (const add of await nounsFor(argv)) add(program, cli);
  return program;
}

function tell(error: unknown, path: string, cli: Cli): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_OK;
    const missing = error.code === "commander.help";
    return misused(cli, missing ? "say which command" : error.message.replace(/^error: /, ""), path);
  }
  if (error instanceof WrongUsage) return misused(cli, error.message, path);
  if (error instanceof CommandFailed || error instanceof ConfigError || error instanceof RelayError) {
    return fail(cli, error.message, EXIT_FAILED);
  }
  const about = error instanceof Error ? error.message : String(error);
  if (cli.env.RELAY_LOG_LEVEL === "debug" && error instanceof Error) note(cli, error.stack ?? "");
  return fail(cli, `${about}; ${adviceFor(error, path)}`, EXIT_FAILED);
}

/** @param what may be a sentence, whose full stop would stand in the middle of the line */
function misused(cli: Cli, what: string, path: string): number {
  return fail(cli, `${what.replace(/\.$/, "")}; see: ${path} --help`, EXIT_WRONG_USAGE);
}

/** The operating system's refusals say what is wrong, not what to do. */
function adviceFor(error: unknown, path: string): string {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) {
    return "this is a bug: RELAY_LOG_LEVEL=debug shows where";
  }
  switch (error.code) {
    case "EADDRINUSE":
      // The service has its port from its settings alone.
      return `stop what holds the port, or take another with ${path === "relay goodcom fake" ? "--port" : "RELAY_PORT"}`;
    case "EADDRNOTAVAIL":
      return "RELAY_HOST must be an address of this machine";
    case "EACCES":
      return "this user may not; take another port or path, or change its rights";
    default:
      if (error.syscall === "listen") return "RELAY_HOST must be an address of this machine";
      return "mend that and try again";
  }
}

function fail(cli: Cli, message: string, code: number): number {
  note(cli, `relay: ${cleanLine(message, ERROR_CHARS_MAX)}`);
  return code;
}

/** The deepest command that the words name: whose help is of use. */
function commandPath(program: Command, argv: readonly string[]): string {
  const path = ["relay"];
  let command = program;
  for (const word of argv) {
    const next = command.commands.find((sub) => sub.name() === word);
    if (next === undefined) continue;
    path.push(word);
    command = next;
  }
  return path.join(" ");
}
