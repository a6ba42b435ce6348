import { RelayError } from "../core/errors.ts";
import { hideBuyer } from "../core/hide-buyer.ts";
import { cleanLine } from "../core/text.ts";
import type { ActKey, EnqueueResult, InboundEntry } from "../ledger/ledger.ts";
import type { ApiHealth } from "../observe/events.ts";
import type { Answered, CancelRequest } from "../platforms/store-api.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { askable, healthOf, ownMessage, ownWords, refusal, type Askable } from "./asking.ts";
import { fetchedEntry, keep } from "./keep.ts";
import type { CancelOptions, CancelResult, OrderSummary } from "./store-acts.ts";

export async function lookUp(deps: RelayDeps, name: string, orderId: string): Promise<OrderSummary> {
  const { store, api } = askable(deps, name);
  const body = orderIn(await orderOf({ store, api }, orderId));
  const order = deps.platforms[store.platform].readOrder(body, store);
  if (order === null) {
    throw new RelayError(
      "store_unavailable",
      `the API of store ${name} answered with something that is no order`,
    );
  }
  const { order_id, order_name, items, amounts, currency } = order.cancellation;
  return {
    ...{ store: name, order_id, order_name: order_name ?? order_id, cancelled: order.cancelled },
    items: items.map(({ quantity, name: what, variant }) =>
      cleanLine(`${quantity ?? "?"} x ${what}${variant === null ? "" : ` (${variant})`}`),
    ),
    total: amounts.total === null ? null : cleanLine(`${amounts.total} ${currency ?? ""}`),
  };
}

/** By its id, or else by the name that people call it. */
async function orderOf({ store, api }: Askable, order: string): Promise<Answered<Buffer>> {
  const byId = await api.getOrder(store, order, "again");
  if (!isUnknown(byId) || api.findOrder === null) return byId;
  const byName = await api.findOrder(store, order);
  return isUnknown(byName) ? byId : byName;
}

function isUnknown(answer: Answered<Buffer>): boolean {
  return answer.kind === "failed" && answer.why === "not_found";
}

/** @throws as `valueOf`; of an order that the store does not know, what to do */
function orderIn(answer: Answered<Buffer>): Buffer {
  if (answer.kind === "answered") return answer.value;
  if (answer.why !== "not_found") throw refusal(answer);
  const hint = "give the order's id as the store's API has it";
  throw refusal({ ...answer, detail: `${answer.detail}; ${hint}` });
}

/** What became of the order at the store. */
type AtStore = Pick<CancelResult, "result"> & { body: Buffer };

export async function cancelOrder(
  deps: RelayDeps,
  name: string,
  order: string,
  options: CancelOptions,
  by: string,
  once: ActKey | undefined,
): Promise<CancelResult> {
  const asked = askable(deps, name);
  const request = await requestOf(deps, asked, order, options);
  const { orderId, answer } = await cancelThere(deps, asked, order, request);
  const at = { order: orderId, store: name, by };
  const tell = (result: Told["result"], detail: string, delivery: string | null, api: ApiHealth): void =>
    deps.emit({ event: "order.cancelled", ...at, result, detail, delivery, api });
  let there: AtStore;
  try {
    there = await settled(deps, asked, orderId, answer);
  } catch (error) {
    const detail = error instanceof RelayError ? ownMessage(error) : "unknown";
    const isOpen = answer.kind === "answered" || answer.why === "unknown";
    tell(isOpen ? "unknown" : "refused", detail, null, healthOf(answer));
    throw error;
  }
  const how = { asked: true, reason: request.reason };
  const entry = fetchedEntry(deps, asked.store, there.body, "cancel", how);
  const told = { result: there.result, order_id: orderId };
  const act = { at: deps.clock.now(), by, told, ...(once === undefined ? {} : { once }) };
  const receipt = await keep(deps, entry, "cancel", by, act);
  tell(there.result, toldOf(answer, entry), receipt.delivery_id, healthOf(answer));
  return cancelResult(name, orderId, there.result, receipt);
}

/** What the log says of a store that failed, and had cancelled it all the same. */
function toldOf(answer: Answered<unknown>, { delivery }: InboundEntry): string {
  if (answer.kind === "answered") return "";
  return delivery === null ? ownWords(answer) : hideBuyer(answer.detail, delivery.ticket);
}

/** @param order its id, or its name where the platform can be asked by that */
async function cancelThere(
  deps: RelayDeps,
  { store, api }: Askable,
  order: string,
  request: CancelRequest,
): Promise<{ orderId: string; answer: Answered<Buffer> }> {
  const answer = await api.cancelOrder(store, order, request);
  const found = isUnknown(answer) && api.findOrder !== null ? await api.findOrder(store, order) : null;
  if (found === null || isUnknown(found)) return { orderId: order, answer };
  if (found.kind === "failed") return { orderId: order, answer: found };
  const orderId = deps.platforms[store.platform].readOrder(found.value, store)?.cancellation.order_id;
  if (orderId === undefined || orderId === order) return { orderId: order, answer };
  return { orderId, answer: await api.cancelOrder(store, orderId, request) };
}

interface Told {
  result: CancelResult["result"] | "refused" | "unknown";
}

export function cancelResult(
  store: string,
  order_id: string,
  result: CancelResult["result"],
  receipt: EnqueueResult,
): CancelResult {
  return { store, order_id, result, ...receipt };
}

/** @throws `conflict` when the platform does not know what is asked for */
async function requestOf(
  deps: RelayDeps,
  { store, api }: Askable,
  orderId: string,
  { reason, restock, email, amount }: CancelOptions,
): Promise<CancelRequest> {
  const { name, platform } = store;
  if (platform !== "shopline" && (restock ?? email ?? amount) !== undefined) {
    throw new RelayError(
      "conflict",
      `store ${name}: only SHOPLINE takes restock, email and amount with a cancellation; leave them out`,
    );
  }
  const request = { reason, at: deps.clock.now(), restock: restock ?? true, email: email ?? false };
  if (amount === undefined) return { ...request, amount: null, currency: null };
  const body = orderIn(await orderOf({ store, api }, orderId));
  const order = deps.platforms[platform].readOrder(body, store);
  return { ...request, amount, currency: order?.cancellation.currency ?? null };
}

/**
 * The order as the store has it after it was asked. Where the answer does not show it cancelled, the store is asked
 * what it has come to: a refusal may mean that it was cancelled before, a lost answer that it is now.
 */
async function settled(
  deps: RelayDeps,
  { store, api }: Askable,
  orderId: string,
  answer: Answered<Buffer>,
): Promise<AtStore> {
  const isCancelled = (body: Buffer): boolean =>
    deps.platforms[store.platform].read(body, store).kind === "cancellation";
  if (answer.kind === "answered" && isCancelled(answer.value))
    return { result: "cancelled", body: answer.value };
  if (answer.kind === "failed" && answer.why !== "refused" && answer.why !== "unknown") orderIn(answer);
  const now = await api.getOrder(store, orderId, "again");
  if (now.kind === "answered" && isCancelled(now.value)) {
    const isOld = answer.kind === "failed" && answer.why === "refused";
    return { result: isOld ? "already_cancelled" : "cancelled", body: now.value };
  }
  if (answer.kind === "failed" && answer.why === "refused") throw refusal(answer);
  const what = answer.kind === "failed" ? answer.detail : "it said yes, and still calls the order open";
  const detail = `order ${cleanLine(orderId, 64)} of store ${store.name} may have been cancelled: ${what}. If it was, its slip comes with the store's webhook or the next reconciliation; else cancel again`;
  const unknown = { kind: "failed", why: "unknown", http_status: null, retry_after_ms: null } as const;
  throw refusal({ ...(answer.kind === "failed" ? answer : unknown), detail });
}
