import type { Command } from "commander";
import { subscribedJson } from "../answers/store-json.ts";
import type { SeenSubscription } from "../stores/store-acts.ts";
import { byOf, CommandFailed, paint, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { withKit } from "./kit.ts";
import { sayTable } from "./table.ts";

interface Options {
  check?: true;
  replace?: true;
  json?: true;
}

export function addSubscribe(program: Command, cli: Cli): void {
  program
    .command("subscribe <store>")
    .description(
      "has the store call this relay when an order is cancelled; asked for again it changes nothing",
    )
    .option("--check", "only look; exit 1 when it is not in place")
    .option(
      "--replace",
      "where the store calls one address only and it is another: take its place; of FastPOD: make a new address, and let older tokens end in a day",
    )
    .option("--json", "as JSON")
    .action((store: string, options: Options) => subscribe(cli, store, options));
}

const RESULTS = {
  existing: "in place: the store calls this address",
  created: "made: the store calls this address from now on",
  repaired: "put right: the store called this relay at another address, and calls this one from now on",
  missing: "missing: the store does not call this relay",
  wrong: "wrong: the store calls this relay at another address",
} as const;

const OF_STORE = { right: "this store's", wrong: "this store's, old", other: "another's" } as const;

async function subscribe(cli: Cli, store: string, { check, replace, json }: Options): Promise<void> {
  if (check && replace) throw new WrongUsage("give --check to look or --replace to change, not both");
  await withKit(cli, async ({ relay }) => {
    const done = await relay.subscribe(store, byOf(cli), {
      check: check === true,
      replace: replace === true,
    });
    if (json) sayJson(cli, subscribedJson(done));
    else {
      say(cli, `address   ${done.address}`);
      say(cli, `result    ${RESULTS[done.result]}`);
      if (done.subscriptions.length > 0) sayAll(cli, done.subscriptions);
    }
    if (done.result === "missing" || done.result === "wrong") {
      throw new CommandFailed(
        `store ${store} does not call ${done.address}; have it do so with: relay subscribe ${store}`,
      );
    }
  });
}

function sayAll(cli: Cli, subscriptions: readonly SeenSubscription[]): void {
  sayTable(
    cli,
    [{ header: "subscription" }, { header: "whose" }, { header: "address" }],
    subscriptions.map(({ id, address, of_store }) => [id, OF_STORE[of_store], address]),
    (text, row, column) =>
      column === 1 && subscriptions[row]?.of_store === "right" ? paint(cli, "green", text) : text,
  );
}
