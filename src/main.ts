import { userInfo } from "node:os";
import { createInterface } from "node:readline";
import type { Cli } from "./cli/cli.ts";
import { run } from "./cli/run.ts";
import { giveBackWhenIdle } from "./heap.ts";
import { isThere } from "./ledger/is-there.ts";
import { startLedgerThread } from "./ledger/wire/thread.ts";
import { memoryExposures, systemChance, systemClock } from "./system.ts";

// Whatever has node write a report, tokens and keys of the environment are not in it. Threads say it for themselves.
process.report.excludeEnv = true;

/** What asks it to end; SIGHUP comes when its terminal is closed or the connection to it breaks. */
const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The process: hands its arguments, environment and streams to the command line, and ends with its code. */
const cli: Cli = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  chance: systemChance,
  user: userName(),
  exposures: () => memoryExposures(process.env.NODE_OPTIONS),
  onSignal(listener) {
    for (const signal of STOPPING) process.on(signal, listener);
    return () => STOPPING.forEach((signal) => process.off(signal, listener));
  },
  exit: (code) => process.exit(code),
  ask: process.stdin.isTTY && process.stdout.isTTY ? ask : null,
  hasLedger: (place) => place.kind === "postgres" || isThere(place.path),
  // The service's modules are heavy: help and wrong usage come before them.
  openKit: async (config, overrides) => (await import("./kit.ts")).openKit(config, overrides),
  backup: async (what) => (await import("./ledger/sqlite/backup.ts")).backupLedger(what),
  moveLedger: async (options) => (await import("./ledger/move/move.ts")).moveLedger(options),
  openKeys: async (options) => (await import("./ledger/key-acts.ts")).openKeys(options),
  async startService(config, overrides) {
    // The thread loads its part meanwhile, on another core.
    const ledgerThread = startLedgerThread();
    giveBackWhenIdle();
    return (await import("./app.ts")).startService(config, { ...overrides, ledgerThread });
  },
};

process.stdout.on("error", endUnwritten);
// Nobody reads what is said there any more: that is no reason to end what was begun.
process.stderr.on("error", () => undefined);

const code = await run(process.argv.slice(2), cli);
// A timer that still waits must not keep a finished command alive; what was written is flushed first.
if (process.stdout.errored) endUnwritten(process.stdout.errored);
else if (process.stdout.writableLength === 0) end();
else process.stdout.write("", (error) => (error ? endUnwritten(error) : end()));

function end(): void {
  process.stderr.write("", () => process.exit(code));
}

/** `relay deliveries list | head` closes the pipe early, which is no failure; a file that got only a part of it is one. */
function endUnwritten(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(
    `relay: the output could not be written (${error.code ?? error.message}): free some space where it goes; ` +
      "the command itself may have done its work, so look before you repeat it\n",
    () => process.exit(1),
  );
}

/** Ctrl-C and Ctrl-D are no answer. */
function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    const unanswered = () => {
      process.stdout.write("\n");
      resolve("");
    };
    lines.once("close", unanswered);
    lines.question(question, (answer) => {
      lines.off("close", unanswered).close();
      resolve(answer);
    });
  });
}

/** In a container a number may run this, of which nobody wrote down a name. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
