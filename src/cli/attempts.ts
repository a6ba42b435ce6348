import type { Command } from "commander";
import { attemptJson } from "../answers/json.ts";
import { zonesOf } from "../answers/moments.ts";
import { ATTEMPTS_SHOWN_MAX } from "../core/delivery.ts";
import { RelayError } from "../core/errors.ts";
import { say, sayJson, type Cli } from "./cli.ts";
import { ATTEMPT_COLUMNS, attemptRow, saySection } from "./delivery-view.ts";
import { findDelivery, ID_OR_ORDER, STORE_OF_ORDER } from "./find-delivery.ts";
import { settingsToShow, UNREAD, withKit } from "./kit.ts";
import { integer } from "./options.ts";
import { firstOf, noteCut } from "./pages.ts";

/** All that a week of an outage leaves. */
const LIMIT_MAX = 100_000;
const LIMIT_DEFAULT = 50;

interface Options {
  store?: string;
  limit: number;
  json?: true;
}

export function addAttempts(deliveries: Command, cli: Cli): void {
  deliveries
    .command(`attempts <${ID_OR_ORDER}>`)
    .description("the attempts of one delivery, newest first: `show` has the latest few")
    .option(...STORE_OF_ORDER)
    .option("--limit <count>", `at most so many, up to ${LIMIT_MAX}`, integer(1, LIMIT_MAX), LIMIT_DEFAULT)
    .option("--json", "as JSON")
    .action((which: string, options: Options) => list(cli, which, options));
}

function list(cli: Cli, which: string, { store, limit, json }: Options): Promise<void> {
  return withKit(
    cli,
    async (kit) => {
      const { delivery } = (await findDelivery(kit, which, store)).detail;
      const { items, hasMore } = await firstOf(async ({ after }) => {
        const page = await kit.ledger.listAttempts(delivery.id, Math.min(limit, ATTEMPTS_SHOWN_MAX), after);
        if (page === null)
          throw new RelayError("not_found", `delivery ${delivery.id} is gone from the ledger`);
        return page;
      }, limit);
      if (hasMore) noteCut(cli, limit, "--limit");
      if (json) sayJson(cli, { items: items.map(attemptJson) });
      else if (items.length === 0) say(cli, "no attempt is kept");
      else {
        const settings = (await settingsToShow(cli, kit)) ?? { printers: [], stores: [] };
        const { zone } = zonesOf(settings, kit.now())(delivery);
        saySection(cli, `attempts of ${delivery.id}`, ATTEMPT_COLUMNS, { zone, rows: items.map(attemptRow) });
      }
    },
    UNREAD,
  );
}
