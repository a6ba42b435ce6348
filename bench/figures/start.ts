import { setTimeout as pause } from "node:timers/promises";
import { monotonicMs } from "../clock.ts";
import type { Figure } from "../figure.ts";
import { openConnection } from "../load/connection.ts";
import { requestTemplates } from "../load/request.ts";
import { median } from "../stats.ts";
import { spawnRelay } from "../subjects/relay.ts";
import { STORE } from "../subjects/subject.ts";

const STARTS = 5;
const TRY_EVERY_MS = 2;
const RUN = "22222222";

/** From the start of the process to its first webhook answered 200, by somebody who keeps trying. */
export const start: Figure = {
  name: "start",
  async measure(bench) {
    await bench.cloud.back();
    const home = await bench.home();
    const took: number[] = [];
    for (let n = 0; n < STARTS; n++) {
      const startedAt = monotonicMs();
      const relay = spawnRelay(home);
      const [template] = requestTemplates({ ...STORE_TARGET, url: relay.url });
      const request = template?.copy() ?? Buffer.alloc(0);
      template?.write(request, n);
      await relay.listening();
      while ((await answerTo(relay.url, request)) !== 200) await pause(TRY_EVERY_MS);
      took.push(monotonicMs() - startedAt);
      await relay.stop();
    }
    return { ms: median(took) };
  },
  rows: () => [{ what: "start to first answered webhook", unit: "ms", measured: "ms", at_most: 600 }],
};

const STORE_TARGET = { store: STORE.name, secret: STORE.secret, run: RUN };

/** @returns the status, or null when nobody listens yet */
function answerTo(url: string, request: Buffer): Promise<number | null> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const settle = (status: number | null): void => {
      connection.close();
      resolve(status);
    };
    const connection = openConnection(hostname, Number(port), {
      onReady: () => connection.send(request),
      onAnswer: settle,
      onBroken: () => settle(null),
      onFailed: () => settle(null),
    });
  });
}
