import { once } from "node:events";
import { start } from "../../e2e/process.ts";
import type { Watcher } from "../../fakes/tcp-proxy.ts";
import { end, LOAD, PATIENCE_MS, untilIdle, type Point } from "./points.ts";
import type { Stage } from "./stage.ts";

/** `LOAD` brings more of each. */
const COMMITS_MAX = 60;
/** Of a service that starts, until it has nothing to do. */
const STARTS_COMMITS_MAX = 4;
/** The last of a simple query, and of the server's word that it is done (PostgreSQL's protocol, 55.7). */
const COMMIT = "COMMIT\0";
const SIDES = ["client", "server"] as const;
type Side = (typeof SIDES)[number];

/** What needs the wire between the relay and its server. */
export const WIRE_POINTS: readonly Point[] = [
  underLoad("before the server hears COMMIT", ({ draw }) => [draw.int(1, COMMITS_MAX), "client"]),
  underLoad("between the server's commit and its word", ({ draw }) => [draw.int(1, COMMITS_MAX), "server"]),
  {
    // One webhook alone, when nothing else is under way: the next thing committed is what became of its slip.
    name: "between the cloud's answer and the record on the server",
    async live(stage) {
      await stage.open();
      await untilIdle(stage);
      let met = (): boolean => false;
      stage.paper.at(1, () => (met = killAt(stage, 1, stage.draw.pick(SIDES))));
      await stage.driver.load({ webhooks: 1, connections: 1, only_new: true });
      await endLife(stage);
      return met();
    },
  },
  {
    // What the life before left in `sending` is being taken up.
    name: "while starting on the server",
    async live(stage) {
      const { shop, draw, ledger } = stage;
      await ledger.forsake();
      // Not by `open`: that waits until it listens.
      const child = start(shop.folder, ["serve"], shop.env);
      const kill = (): void => void child.kill("SIGKILL");
      const met = killAt(stage, draw.int(1, STARTS_COMMITS_MAX), draw.pick(SIDES), kill);
      const patience = AbortSignal.timeout(PATIENCE_MS);
      patience.addEventListener("abort", kill, { once: true });
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      stage.wire?.watch(null);
      return met();
    },
  },
];

function underLoad(name: string, placeOf: (stage: Stage) => [nth: number, side: Side]): Point {
  return {
    name,
    async live(stage) {
      await stage.open();
      const met = killAt(stage, ...placeOf(stage));
      await stage.driver.load(LOAD);
      await endLife(stage);
      return met();
    },
  };
}

/** Kills the relay at the n-th COMMIT of either side, which does not arrive. @returns whether it has come to that */
function killAt(
  { shop, wire }: Stage,
  nth: number,
  side: Side,
  kill = (): void => void shop.relay.stop("SIGKILL"),
): () => boolean {
  let left = nth;
  const watcher: Watcher = (bytes, from) => {
    // Once it is to be dead, nothing more of it passes.
    if (left > 0 && (from !== side || !bytes.includes(COMMIT) || --left > 0)) return undefined;
    kill();
    return "cut";
  };
  wire?.watch(watcher);
  return () => left === 0;
}

async function endLife(stage: Stage): Promise<void> {
  await end(stage);
  stage.wire?.watch(null);
}
