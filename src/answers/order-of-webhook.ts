import { allOrderNamesIn, jsonOf, orderNamesIn } from "../core/order-in-body.ts";
import { orderKey } from "../core/order-key.ts";
import { cleanLine } from "../core/text.ts";
import type { Ledger, Webhook } from "../ledger/ledger.ts";

// Which order a webhook is about: where it became no delivery, only its body tells.

/** Newest webhooks of each status that are looked through for an order which has no delivery. */
const WEBHOOKS_MAX = 200;
/** Read side by side; none of them waits for more. */
const BATCH = 10;

export interface Asked {
  /** Whose order it is; any store's unless given. */
  store?: string | undefined;
  /** Stores of which it is known already what became of their order of this number. */
  told?: ReadonlySet<string | null>;
  /** Which webhooks are looked through, one kind after the other. */
  statuses?: readonly ("quarantined" | "ignored")[];
}

/**
 * Why an order has no delivery: the newest webhook that names it and was not understood, else one that was ignored.
 * Null: none came of late.
 */
export async function webhookNaming(
  ledger: Pick<Ledger, "listWebhooks" | "findWebhook">,
  which: string,
  { store, told = new Set(), statuses = ["quarantined", "ignored"] }: Asked = {},
): Promise<Webhook | null> {
  const key = orderKey(which);
  const isIt = (body: string): boolean => {
    if (!mayName(body, key)) return false;
    if (jsonOf(body) === undefined) return isWordIn(body.normalize("NFKC"), key);
    const { ids, names } = allOrderNamesIn(body);
    return [...ids, ...names].some((name) => orderKey(name) === key);
  };
  for (const status of statuses) {
    const newest = await ledger.listWebhooks({
      status,
      limit: WEBHOOKS_MAX,
      ...(store === undefined ? {} : { store }),
    });
    const webhooks = newest.filter((webhook) => !told.has(webhook.store));
    for (let from = 0; from < webhooks.length; from += BATCH) {
      const batch = webhooks.slice(from, from + BATCH);
      const bodies = await Promise.all(batch.map((webhook) => bodyOf(ledger, webhook)));
      const found = batch.find((_, index) => isIt(bodies[index] ?? ""));
      if (found !== undefined) return found;
    }
  }
  return null;
}

/** A look that is quick, for hundreds are looked at: says no only where the order is not named. */
function mayName(body: string, key: string): boolean {
  // Escaped characters are not to be seen at a glance, nor how many blanks there are.
  if (body.includes("\\u")) return true;
  const text = body.normalize("NFKC").toLowerCase();
  return key.split(" ").every((part) => text.includes(part));
}

/**
 * In what is no JSON, or was cut short, nothing but a `#` tells an order's number from a shorter one: of an amount, of
 * a day.
 */
const WORD_CHARS_MIN = 4;

function isWordIn(body: string, key: string): boolean {
  if (key === "") return false;
  const before = key.length < WORD_CHARS_MIN ? "(?<=#)" : "(?<![\\p{L}\\p{N}])";
  return new RegExp(`${before}${RegExp.escape(key)}(?![\\p{L}\\p{N}])`, "iu").test(body);
}

/** In a list: what is larger is opened to be read. */
const BODY_BYTES_MAX = 64 * 1024;
const NAME_CHARS_MAX = 40;

/** @returns each one's order by the webhook's id, where it is known */
export async function ordersOf(
  ledger: Pick<Ledger, "listDeliveries" | "findWebhook">,
  webhooks: readonly Webhook[],
): Promise<Map<string, string>> {
  const slips_of = [...new Set(webhooks.flatMap(({ delivery_id }) => delivery_id ?? []))];
  const rows = slips_of.length === 0 ? [] : await ledger.listDeliveries({ slips_of, limit: ROWS_MAX });
  const names = new Map(rows.map(({ id, order_name }) => [id, order_name]));
  const orders = new Map<string, string>();
  for (let from = 0; from < webhooks.length; from += BATCH) {
    const batch = webhooks.slice(from, from + BATCH);
    const told = await Promise.all(
      batch.map(async (webhook) => {
        if (webhook.delivery_id !== null) return names.get(webhook.delivery_id);
        return webhook.body_bytes > BODY_BYTES_MAX
          ? undefined
          : orderIn(await bodyOf(ledger, webhook), webhook);
      }),
    );
    batch.forEach(({ id }, index) => {
      const order = told[index];
      if (order !== undefined && order !== "") orders.set(id, order);
    });
  }
  return orders;
}

/** The deliveries of one page of webhooks, and reprints of them. */
const ROWS_MAX = 1000;

/** What a store tells of anything else than orders may have an `id` and a `name` as well. */
function orderIn(body: string, { topic }: Webhook): string | undefined {
  if (topic !== null && !/order/i.test(topic)) return undefined;
  const { ids, names } = orderNamesIn(body);
  const order = names[0] ?? ids[0];
  return order === undefined ? undefined : cleanLine(order, NAME_CHARS_MAX);
}

async function bodyOf(ledger: Pick<Ledger, "findWebhook">, { id }: Webhook): Promise<string> {
  return (await ledger.findWebhook(id))?.body?.toString("utf8") ?? "";
}
