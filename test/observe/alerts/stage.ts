import { expect } from "vitest";
import { applyFileSchema, storeSettingsOf, type Settings } from "../../../src/core/settings.ts";
import { createAlerts, type Alerts, type AlertsDeps } from "../../../src/observe/alerts/alerts.ts";
import type { AlertAddress } from "../../../src/observe/alerts/sender.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { slipText } from "../../../src/slip/slip.ts";
import { marksOf } from "../../../src/core/ticket.ts";
import { createManualClock, type ManualClock } from "../../fakes/manual-clock.ts";
import { anEntry, aPrinter, idOf, NOON } from "../../ledger/entries.ts";
import type { NewDelivery } from "../../../src/ledger/ledger.ts";
import { makeFolder, openAt } from "../../ledger/sqlite-ledger.ts";
import { createReceiver, type Receiver } from "./receiver.ts";

/** `whsec_` and the base64 of "relay-alert-secret-0123456789abcd". */
export const SECRET = "whsec_cmVsYXktYWxlcnQtc2VjcmV0LTAxMjM0NTY3ODlhYmNk";

const FILE = applyFileSchema.parse({
  printers: [{ name: "kitchen", api_key: "key" }],
  stores: [{ name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: ["s"] }],
});
const SETTINGS: Settings = {
  printers: FILE.printers,
  stores: FILE.stores.map((store) => storeSettingsOf(store, (token) => token)),
};

/** Alerts on a real ledger and a real address, on a clock that stands still. */
export interface Stage {
  clock: ManualClock;
  ledger: Ledger;
  alerts: Alerts;
  receiver: Receiver;
  failures: string[];
  /** How often other alerts were open than before. */
  changes: number;
  settings: Settings;
  leadership: { leads: () => boolean; shared: boolean };
  /** A delivery that is dead, as the worker leaves it. */
  die(n: number, told?: Partial<NewDelivery>, last_error?: string): Promise<string>;
  redrive(n: number): Promise<void>;
  /** Lets the alerts have their next look, and waits until so many messages have come in all. */
  look(count: number, afterMs?: number): Promise<void>;
  /** The bodies that came, as JSON. */
  bodies(): { type: string; text: string; data: Record<string, unknown> }[];
  /** The process ends without a goodbye and another starts on the same ledger. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function createStage(
  told: { address?: Partial<AlertAddress> | null; ledger?: (real: Ledger) => Ledger } = {},
): Promise<Stage> {
  const folder = makeFolder();
  const clock = createManualClock(NOON);
  const receiver = await createReceiver();
  let ids = 0;
  const path = folder.file("relay.db");

  function process(ledger: Ledger): Alerts {
    const address = told.address === null ? null : { ...standard(receiver.url), ...told.address };
    const deps: AlertsDeps = {
      ledger: told.ledger?.(ledger) ?? ledger,
      address,
      publicUrl: "https://relay.example",
      settings: () => stage.settings,
      leadership: stage.leadership,
      async slipOf(id) {
        const found = await ledger.findDelivery(id);
        if (found === null) throw new Error("none");
        const { delivery } = found;
        return {
          ticket: delivery.ticket,
          marks: marksOf(delivery, NOON, false),
          printer: aPrinter("kitchen"),
        };
      },
      draw: slipText,
      clock,
      chance: () => 0,
      makeId: () => String(++ids),
      onFailure: (detail) => void stage.failures.push(detail),
      onChange() {
        stage.changes++;
      },
    };
    return createAlerts(deps);
  }

  const first = await openAt(path);
  const stage: Stage = {
    clock,
    ledger: first,
    alerts: undefined as unknown as Alerts,
    receiver,
    failures: [],
    changes: 0,
    settings: SETTINGS,
    leadership: { leads: () => true, shared: false },
    async die(n, more = {}, last_error = "sign error") {
      const id = idOf("DLVR", n);
      await stage.ledger.enqueue(anEntry(n, more));
      const set = { state: "dead", attention: "dead", next_attempt_at: null, last_error } as const;
      await stage.ledger.change(id, { at: clock.now(), by: "relay", decide: () => ({ set, note: null }) });
      const { store = "noodle-bar", printer = "kitchen" } = more;
      stage.alerts.consider({
        ...{ event: "delivery.dead", delivery: id, order: `order-${n}`, store, printer },
        ...{ detail: last_error, by: "relay" },
      });
      return id;
    },
    async redrive(n) {
      const set = { state: "pending", attention: null, next_attempt_at: clock.now() + 1e9 } as const;
      await stage.ledger.change(idOf("DLVR", n), {
        ...{ at: clock.now(), by: "operator", decide: () => ({ set, note: null }) },
      });
    },
    async look(count, afterMs = 5000) {
      await clock.advance(afterMs);
      await receiver.until(count);
      await stillness(stage);
    },
    bodies: () =>
      receiver.received.map(({ text }) => JSON.parse(text) as ReturnType<Stage["bodies"]>[number]),
    async restart() {
      await stop(stage);
      await stage.ledger.close();
      stage.ledger = await openAt(path);
      stage.alerts = process(stage.ledger);
      stage.alerts.start();
      await clock.advance(0);
    },
    async end() {
      await stop(stage);
      await stage.ledger.close();
      await receiver.close();
      folder.remove();
    },
  };
  stage.alerts = process(first);
  stage.alerts.start();
  await clock.advance(0);
  return stage;
}

function standard(url: string): AlertAddress {
  return { url, format: "standard", secret: SECRET };
}

async function stop({ alerts, clock }: Stage): Promise<void> {
  const stopped = alerts.stop();
  await clock.advance(2000);
  await stopped;
}

/** Until no message is both due and untried: what has arrived is written down, too. */
async function stillness({ ledger, clock }: Stage): Promise<void> {
  await expect
    .poll(async () => {
      await clock.settle();
      return (await ledger.alertsDue(clock.now(), 100)).messages.length;
    })
    .toBe(0);
  await clock.settle();
}
