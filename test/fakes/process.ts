import { createInbound } from "../../src/stores/inbound.ts";
import { createStoreActs } from "../../src/stores/stores.ts";
import { createActs } from "../../src/acts.ts";
import type { Clock } from "../../src/core/time.ts";
import { ALONE, type Leadership } from "../../src/core/leadership.ts";
import type { Settings } from "../../src/core/settings.ts";
import type { GoodcomClient } from "../../src/goodcom/api.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createSeal } from "../../src/ledger/seal.ts";
import type { Emit } from "../../src/observe/events.ts";
import { createSetUp } from "../../src/set-up.ts";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { hashToken } from "../../src/platforms/signature.ts";
import type { RelayDeps } from "../../src/relay-deps.ts";
import { createOnce } from "../../src/once.ts";
import { createStory, type Relay } from "../../src/relay.ts";
import { createWorker, type Worker } from "../../src/worker/worker.ts";

export const SEAL = createSeal(() => [Buffer.alloc(32, 7)]);

/** One process of the relay: its story, its acts and its worker, wired as app.ts does. */
export interface RelayProcess {
  relay: Relay;
  worker: Worker;
}

export interface ProcessParts extends Pick<RelayDeps, "platforms" | "compose" | "chance" | "makeId"> {
  ledger: Ledger;
  cloud: GoodcomClient;
  clock: Clock;
  settings: Settings;
  emit: Emit;
  leadership?: Leadership;
}

export function createProcess({
  cloud,
  settings: given,
  leadership = ALONE,
  ...parts
}: ProcessParts): RelayProcess {
  let settings = given;
  const deps: RelayDeps = {
    ...parts,
    leadership,
    goodcom: cloud,
    store: (name) => settings.stores.find((store) => store.name === name),
    printer: (name) => settings.printers.find((printer) => printer.name === name),
    async reloadSettings() {
      settings = await parts.ledger.settings();
    },
    async settingsAgain() {
      settings = await parts.ledger.settings().catch(() => settings);
      return true;
    },
    sample: sampleWebhook,
    publicAddress: () => Promise.resolve({ result: "this_machine", detail: "a house of tests" }),
    inbound: createInbound({
      ...{ publicUrl: "https://relay.test", hashToken },
    }),
    callbackUrl: (id) => `http://relay.test/callbacks/goodcom/${id}/${SEAL.callbackToken(id)}`,
    isCallbackToken: (id, token) => token === SEAL.callbackToken(id),
    wake: (what) => worker.wake(what),
  };
  const once = createOnce(deps);
  const relay: Relay = {
    ...createStory(deps),
    ...createActs(deps, once),
    ...createSetUp(deps, once),
    ...createStoreActs(deps, once),
  };
  const { ledger, clock, chance, emit } = parts;
  const reachable = (): Promise<boolean> => cloud.reachable();
  const worker = createWorker({
    ...{ relay, ledger, clock, chance, emit, reachable, leadership },
    // Here nobody else is in the event loop, and a clock that stands knows when all has settled.
    nextTurn: () => Promise.resolve(),
  });
  return { relay, worker };
}
