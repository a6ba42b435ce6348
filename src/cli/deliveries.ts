import { InvalidArgumentError, type Command } from "commander";
import { DELIVERY_STATES, type DeliveryState } from "../core/delivery.ts";
import { cleanLine } from "../core/text.ts";
import type { UnixMs } from "../core/time.ts";
import { addAttempts } from "./attempts.ts";
import { byOf, paint, say, sayJson, type Cli } from "./cli.ts";
import { showDelivery, stateStyle } from "./delivery-view.ts";
import { deliveryJson, deliveryDetailJson } from "../answers/json.ts";
import { stateWord } from "../answers/verdict.ts";
import { findDelivery, ID_OR_ORDER, STORE_OF_ORDER } from "./find-delivery.ts";
import { listFrom, noteWhyNothing, noteWithoutService, UNREAD, withKit } from "./kit.ts";
import { LIMIT, moment, oneOf } from "./options.ts";
import { firstOf, noteCut } from "./pages.ts";
import { addRedrive } from "./redrive.ts";
import { sayTable, shortTime } from "./table.ts";

const REASON_CHARS_MAX = 200;

interface ListOptions {
  state?: DeliveryState;
  store?: string;
  printer?: string;
  order?: string;
  q?: string;
  since?: UnixMs;
  until?: UnixMs;
  limit: number;
  json?: true;
}

export function addDeliveries(program: Command, cli: Cli): void {
  const deliveries = program
    .command("deliveries")
    .description("what is to be printed, and what became of it");
  deliveries
    .command("list")
    .description("deliveries, newest first")
    .option("--state <state>", DELIVERY_STATES.join(", "), oneOf(DELIVERY_STATES))
    .option("--store <name>", "of this store")
    .option("--printer <name>", "of this printer")
    .option("--order <number>", "the order's id or name, exactly")
    .option(
      "--q <text>",
      "part of the order's id, name, reason, the delivery's id, the buyer's name or phone",
    )
    .option("--since <time>", "created since: 2026-11-03T12:00Z, or an age such as 2h", moment(cli.clock))
    .option("--until <time>", "created until", moment(cli.clock))
    .option(...LIMIT)
    .option("--json", "as JSON")
    .action((options: ListOptions) => list(cli, options));
  deliveries
    .command(`show <${ID_OR_ORDER}>`)
    .description("one delivery: whether it printed, why not, what to do; its attempts, its history, its slip")
    .option(...STORE_OF_ORDER)
    .option("--json", "as JSON")
    .action((which: string, options: { store?: string; json?: true }) =>
      withKit(
        cli,
        async (kit) => {
          const found = await findDelivery(kit, which, options.store);
          if (options.json) sayJson(cli, deliveryDetailJson(found.detail));
          else await showDelivery(cli, kit, found);
        },
        UNREAD,
      ),
    );
  addAttempts(deliveries, cli);
  addRedrive(deliveries, cli);
  deliveries
    .command(`reprint <${ID_OR_ORDER}>`)
    .description("a wanted second slip of the same ticket, marked REPRINT, as a delivery of its own")
    .requiredOption("--reason <text>", "why; it is kept in the history", reason)
    .option(...STORE_OF_ORDER)
    .option("--json", "as JSON")
    .action((which: string, options: { reason: string; store?: string; json?: true }) =>
      withKit(cli, async (kit) => {
        const { id } = (await findDelivery(kit, which, options.store)).detail.delivery;
        const delivery = await kit.relay.reprint(id, options.reason, byOf(cli));
        if (options.json) sayJson(cli, deliveryJson(delivery));
        else
          say(
            cli,
            `${delivery.id}: reprint ${delivery.reprint_number ?? ""} of order ${delivery.order_name}`,
          );
        await noteWithoutService(cli, kit);
      }),
    );
}

/** As the API takes it. */
function reason(text: string): string {
  const told = cleanLine(text, REASON_CHARS_MAX);
  if (told === "") throw new InvalidArgumentError("Say in a few words why a second slip is wanted.");
  return told;
}

async function list(cli: Cli, { json, ...options }: ListOptions): Promise<void> {
  const { items: found, hasMore } = await listFrom(cli, { items: [], hasMore: false }, async (kit) => {
    const page = await firstOf(
      (after) => kit.ledger.searchDeliveries({ ...options, ...after }),
      options.limit,
    );
    if (page.items.length === 0) await noteWhyNothing(cli, kit, options);
    return page;
  });
  if (hasMore) noteCut(cli, options.limit, "--until, --limit");
  if (json) {
    sayJson(cli, { items: found.map(deliveryJson) });
    return;
  }
  if (found.length === 0) {
    say(cli, "no deliveries match");
    return;
  }
  sayTable(
    cli,
    [
      { header: "delivery" },
      { header: "state" },
      { header: "order", min: 8 },
      { header: "store", min: 10, wraps: true },
      { header: "printer", min: 7, wraps: true },
      { header: "created (UTC)", optional: true },
      { header: "tries", optional: true, usual: ["0", "1"] },
      { header: "last error", optional: true, min: 40, wraps: true },
    ],
    found.map((delivery) => [
      delivery.id,
      stateWord(delivery),
      delivery.order_name,
      delivery.store ?? "-",
      delivery.printer,
      // Without the year it fits 80 columns; `show` has it.
      shortTime(delivery.created_at).slice(5),
      String(delivery.attempt_count),
      delivery.last_error ?? "",
    ]),
    (text, row, column) => {
      const delivery = found[row];
      return column === 1 && delivery ? paint(cli, stateStyle(delivery.state), text) : text;
    },
  );
}
