import { validAt } from "./core/expiring.ts";
import type { Delivery } from "./core/delivery.ts";
import { RelayError } from "./core/errors.ts";
import type { PublicAddress } from "./core/public-address.ts";
import { proofsOf, type StoreSettings } from "./core/settings.ts";
import type { UnixMs } from "./core/time.ts";
import { entryOf } from "./intake.ts";
import type { ActKey, EditResult, NewDelivery, SettingsEdit } from "./ledger/ledger.ts";
import type { InboundRequest } from "./platforms/platform.ts";
import { deliveryOnce, type ActedOn, type Once } from "./once.ts";
import type { RelayDeps } from "./relay-deps.ts";
import { storeNow } from "./settings-now.ts";

/** What came of a store's test: the delivery that brings it to paper, and who answers at the public address. */
export interface StoreTest {
  delivery: ActedOn;
  public_address: PublicAddress;
}

/** What an operator does to set stores and printers up, and to see that they work. */
export interface SetUpActs {
  /** Adds, changes or removes one printer or store; this process follows at once. @throws `conflict`, `invalid` */
  changeSettings(edit: SettingsEdit, by: string): Promise<EditResult>;
  /**
   * A sample cancellation of the store's platform through verification, reading and the ledger to paper, marked TEST.
   * Only from here does anything become a test of a store: no webhook can. It is kept as a delivery of kind `test`,
   * which the dedupe never looks at, and without a webhook, so that no replay can read it as a cancellation.
   * @throws `not_found`; `conflict` when a webhook of this store would be refused, and why
   */
  sendTest(store: string, by: string, key?: string): Promise<StoreTest>;
}

export function createSetUp(deps: RelayDeps, once: Once): SetUpActs {
  return {
    changeSettings: (edit, by) => changeSettings(deps, edit, by),
    async sendTest(store, by, key) {
      const delivery = await deliveryOnce(once, key, ["test of store", store], (actKey) =>
        sendTest(deps, store, by, actKey),
      );
      return { delivery, public_address: await deps.publicAddress() };
    },
  };
}

export async function changeSettings(deps: RelayDeps, edit: SettingsEdit, by: string): Promise<EditResult> {
  let change: EditResult;
  try {
    change = await deps.ledger.edit(edit, deps.clock.now());
  } finally {
    // Also when it was refused: whoever asked is to see what another has made of it.
    await deps.reloadSettings();
  }
  if (change === "unchanged") return change;
  deps.wake();
  const { kind, name } = edit;
  deps.emit({ event: "settings.changed", kind, name, change, fields: changedFields(edit), by });
  return change;
}

/** Names only: some of the values are secrets. */
function changedFields({ seen, to }: SettingsEdit): string[] {
  if (seen === null || to === null) return [];
  const [before, after] = [seen, to].map((entry) => new Map<string, unknown>(Object.entries(entry)));
  return [...(after ?? [])]
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before?.get(field)))
    .map(([field]) => field);
}

async function sendTest(deps: RelayDeps, name: string, by: string, once?: ActKey): Promise<Delivery> {
  const store = await storeNow(deps, name);
  if (store === undefined) throw new RelayError("not_found", `no store ${name}: see \`relay stores list\``);
  const now = deps.clock.now();
  const request = testRequest(deps, store, now);
  const test = testDelivery(deps, store, request.body, now);
  const delivery = await deps.ledger.add(test, by, TEST_NOTES[store.platform], once);
  deps.wake();
  const { id, printer } = delivery;
  deps.emit({ event: "store.tested", store: name, delivery: id, printer, by });
  return delivery;
}

const SIGNED_NOTE =
  "test of the store: a sample cancellation, signed with its secret, verified and read as a webhook";
const TEST_NOTES = {
  shopline: SIGNED_NOTE,
  shoplazza: SIGNED_NOTE,
  fastpod:
    "test of the store: a sample cancellation, read as a webhook; the address's token is kept only as a hash and was not checked, nor was FastPOD's API asked, which knows no such order",
};

/** A sample webhook that has passed the store's own verification. */
function testRequest(deps: RelayDeps, store: StoreSettings, now: UnixMs): InboundRequest {
  const { platform, name } = store;
  const [secret] = validAt(proofsOf(store), now);
  if (secret === undefined) {
    const what = platform === "fastpod" ? "token" : "secret";
    throw new RelayError(
      "conflict",
      `store ${name} has no ${what} that is valid now: all its webhooks are refused`,
    );
  }
  const sample = deps.sample(platform, {
    ...{ now, store: name, secret },
    order_id: `TEST-${now}`,
    order_name: `TEST-${String(now).slice(-6)}`,
  });
  const headers = Object.entries(sample.headers).map(([header, value]) => [header.toLowerCase(), value]);
  const request: InboundRequest = {
    headers: Object.fromEntries(headers) as Record<string, string>,
    query: {},
    path_token: null,
    body: sample.body,
  };
  const reader = deps.platforms[platform];
  const forged = platform === "fastpod" ? null : reader.verify(request, store, now);
  const refusal = forged ?? reader.verifyShop(request, store);
  if (refusal !== null) throw new RelayError("conflict", refusal.detail);
  return request;
}

function testDelivery(deps: RelayDeps, store: StoreSettings, body: Buffer, now: UnixMs): NewDelivery {
  const webhook = {
    ...{ id: deps.makeId(), platform: store.platform, store: store.name },
    ...{ platform_webhook_id: null, topic: null, headers: {}, body, received_at: now },
  };
  const entry = entryOf(deps, webhook, deps.platforms[store.platform], store);
  if (entry.delivery === null) {
    throw new RelayError("conflict", `store ${store.name} would not print its webhooks: ${entry.reason}`);
  }
  const { ticket } = entry.delivery;
  // Said on every form of the slip, in the printer's language.
  return { ...entry.delivery, kind: "test", state: "pending", ticket: { ...ticket, kind: "test" } };
}
