import { SECOND_MS, type Clock } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Day } from "./day.ts";

/** Lines of history in one read: some milliseconds, for which a webhook may wait. */
const PAGE_LINES = 250;
/** Between two reads the ledger is everybody else's. */
const PAUSE_MS = 20;
/** A million lines; what a busier day had before them is not told. */
const PAGES_MAX = 4000;
const TRY_AGAIN_MS = 5 * SECOND_MS;

/**
 * Reads back from the ledger what the last day was before this process. The first page is asked for at once, so that
 * what happens from now on is counted by its events alone.
 * @returns how to stop it
 */
export function readPast(day: Day, ledger: Pick<Ledger, "pastSteps">, clock: Clock): () => void {
  let stopped = false;
  let cancelTimer = (): void => undefined;
  const later = (delayMs: number, place: number | null, page: number): void => {
    if (!stopped) cancelTimer = clock.after(delayMs, () => read(place, page));
  };

  function read(place: number | null, page: number): void {
    ledger.pastSteps({ place, since: day.since(), limit: PAGE_LINES }).then(
      ({ steps, next_place }) => {
        steps.forEach((step) => day.add(step));
        if (next_place === null) day.completed();
        else if (page < PAGES_MAX) later(PAUSE_MS, next_place, page + 1);
      },
      // Nothing but figures waits for it, and who works with the ledger tells of its trouble.
      () => later(TRY_AGAIN_MS, place, page),
    );
  }

  read(null, 1);
  return () => {
    stopped = true;
    cancelTimer();
  };
}
