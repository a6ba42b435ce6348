import { InvalidArgumentError, type Command } from "commander";
import type { Kit } from "../kit.ts";
import { cancelledJson } from "../answers/store-json.ts";
import { cancelOrderSchema, isOrderId } from "../core/cancel-order.ts";
import type { Delivery, DeliveryState } from "../core/delivery.ts";
import { cleanLine } from "../core/text.ts";
import type { CancelOptions, CancelResult, OrderSummary } from "../stores/store-acts.ts";
import { byOf, CommandFailed, note, say, sayJson, saysYes, WrongUsage, type Cli } from "./cli.ts";
import { noteWithoutService, withKit } from "./kit.ts";

interface Options {
  reason: string;
  restock: boolean;
  email?: true;
  amount?: string;
  yes?: true;
  json?: true;
}

export function addCancel(program: Command, cli: Cli): void {
  program
    .command("cancel <store> <order>")
    .description(
      "cancels an order at its store and prints the slip at once; name it by the store's id of it (SHOPLINE, Shoplazza: or by its number)",
    )
    .requiredOption("--reason <text>", "why; the store is told, and the slip says it", reason)
    .option("--no-restock", "SHOPLINE: the goods do not go back into stock")
    .option("--email", "SHOPLINE: the store writes to the buyer")
    .option(
      "--amount <decimal>",
      "SHOPLINE: a refund in the order's currency; by its page the money goes back by itself with PayPal alone",
      amount,
    )
    .option("--yes", "do not ask first; without a terminal, or with --json, nothing is asked")
    .option("--json", "as JSON")
    .action((store: string, order: string, options: Options) => {
      if (!isOrderId(order))
        throw new WrongUsage("give the order's id as the store writes it, such as 21057");
      return withKit(cli, (kit) => cancel(cli, kit, store, order, options));
    });
}

function reason(text: string): string {
  return checked("reason", text);
}

function amount(text: string): string {
  return checked("amount", text);
}

function checked(name: "reason" | "amount", text: string): string {
  const result = cancelOrderSchema.shape[name].safeParse(text);
  if (!result.success || result.data === undefined) {
    throw new InvalidArgumentError(cleanLine(result.error?.issues[0]?.message ?? "Give one."));
  }
  return result.data;
}

async function cancel(cli: Cli, kit: Kit, store: string, order: string, options: Options): Promise<void> {
  const { yes, json } = options;
  if (cli.ask !== null && !yes && !json) await makeSure(cli, cli.ask, await kit.relay.lookUp(store, order));
  const done = await kit.relay.cancelOrder(store, order, requestOf(options), byOf(cli));
  const detail = done.delivery_id === null ? null : await kit.ledger.findDelivery(done.delivery_id);
  if (json) sayJson(cli, cancelledJson(done));
  else sayDone(cli, done, detail?.delivery.state ?? null);
  if (detail !== null) await noteWhatIsMissing(cli, kit, detail.delivery);
}

function requestOf({ reason, restock, email, amount }: Options): CancelOptions {
  return {
    reason,
    ...(!restock && { restock }),
    ...(email !== undefined && { email }),
    ...(amount !== undefined && { amount }),
  };
}

/** @throws CommandFailed when who was asked did not say yes */
async function makeSure(cli: Cli, ask: NonNullable<Cli["ask"]>, order: OrderSummary): Promise<void> {
  const name = cleanLine(order.order_name);
  say(cli, `order     ${name} (id ${cleanLine(order.order_id)}) at ${order.store}`);
  for (const [index, item] of order.items.entries()) {
    say(cli, `${index === 0 ? "items     " : "          "}${cleanLine(item)}`);
  }
  if (order.total !== null) say(cli, `total     ${cleanLine(order.total)}`);
  if (order.cancelled) say(cli, "state     cancelled at the store already");
  const question = order.cancelled
    ? `Print the slip of ${name}, if it has none yet?`
    : `Cancel order ${name} at ${order.store}?`;
  if (await saysYes(ask, question)) return;
  throw new CommandFailed("nothing was cancelled; say y, or give --yes, to cancel it");
}

const PAPER = {
  accepted: "its slip is on its way",
  duplicate: "it has its delivery already, and gets no second slip",
  ignored: "no slip",
  quarantined: "no slip: the store's answer was not understood, and is kept",
} as const;

function sayDone(cli: Cli, done: CancelResult, state: DeliveryState | null): void {
  const { store, order_id, result, status, reason, delivery_id, webhook_id } = done;
  const there = result === "cancelled" ? "is cancelled" : "was cancelled already";
  say(cli, `result    order ${cleanLine(order_id)} ${there} at ${store}`);
  const why = reason === null || status === "accepted" ? "" : ` (${cleanLine(reason)})`;
  say(cli, `paper     ${PAPER[status]}${why}`);
  if (delivery_id === null) {
    say(cli, `look      relay webhooks show ${webhook_id}`);
    return;
  }
  say(cli, `delivery  ${delivery_id}${state === null ? "" : ` is ${state}`}`);
  say(cli, `look      relay deliveries show ${delivery_id}`);
}

/** The order is cancelled, and yet nobody in the kitchen will learn of it by itself. */
async function noteWhatIsMissing(
  cli: Cli,
  kit: Kit,
  { id, state }: Pick<Delivery, "id" | "state">,
): Promise<void> {
  if (state === "dead") {
    note(
      cli,
      `note: delivery ${id} is dead and its slip never came: mend why, then relay deliveries redrive ${id}`,
    );
  } else if (WAITING.includes(state)) await noteWithoutService(cli, kit);
}

const WAITING: readonly DeliveryState[] = ["verifying", "pending", "sending"];
