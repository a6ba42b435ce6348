import { endsWithin, SECOND_MS } from "../core/time.ts";
import { CommandFailed, type Cli } from "./cli.ts";

/** What is under way may finish for so long, all told; then the process ends, and the next start takes it up. */
const DRAIN_MS = 10 * SECOND_MS;

/** npm passes Ctrl-C on to a process that the terminal has told already: signals so close together are one. */
const SAME_SIGNAL_MS = 500;

/** Conventional for "ended by a signal" (128 + SIGINT). */
const EXIT_AT_ONCE = 130;

/** Resolves at the first signal; a second one ends the process at once. */
export function stopSignal(cli: Cli): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null;
    cli.onSignal(() => {
      const now = cli.clock.now();
      if (first === null) {
        first = now;
        resolve();
      } else if (now - first > SAME_SIGNAL_MS) cli.exit(EXIT_AT_ONCE);
    });
  });
}

/** @throws CommandFailed when it takes longer than `DRAIN_MS` */
export async function closeInTime(cli: Cli, close: () => Promise<void>): Promise<void> {
  if (!(await endsWithin(cli.clock, DRAIN_MS, close()))) {
    throw new CommandFailed(
      `not drained within ${DRAIN_MS / SECOND_MS} s; what was under way is due again at the next start`,
    );
  }
}
