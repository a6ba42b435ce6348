import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { ticketJson } from "../answers/json.ts";
import type { PlatformName } from "../core/cancellation.ts";
import { LANGUAGES, printerSchema, type PrinterSettings, type StoreSettings } from "../core/settings.ts";
import { marksOf, ticketOf, type Ticket } from "../core/ticket.ts";
import { composeOrder } from "../goodcom/order.ts";
import { createPlatforms } from "../platforms/index.ts";
import { slipText } from "../slip/slip.ts";
import { CommandFailed, paint, say, sayJson, type Cli } from "./cli.ts";
import { BODY_BYTES_MAX, readBounded } from "./files.ts";
import { currency, language, oneOf, platformArgument, timeZone } from "./options.ts";
import { sayPaper } from "./paper.ts";

const PREVIEW = "preview";

interface PreviewOptions {
  columns: string;
  language: PrinterSettings["language"];
  orderTxt: PrinterSettings["order_txt"];
  customer: PrinterSettings["customer"];
  timeZone: string;
  storeCurrency: string;
  svg?: string;
  json?: true;
}

export function addTicket(program: Command, cli: Cli): void {
  const ticket = program.command("ticket").description("slips, without a printer");
  ticket
    .command("preview")
    .description("reads a webhook's body from a file and shows its slip and order_json; sends nothing")
    .addArgument(platformArgument())
    .argument("<file>", "the body, as the store sends it")
    .option("--columns <count>", "30, 32, 42 or 48", oneOf(["30", "32", "42", "48"]), "32")
    .option("--language <tag>", LANGUAGES.join(", "), language, "en")
    .option("--order-txt <form>", "plain, markup or off", oneOf(["plain", "markup", "off"]), "plain")
    .option("--customer <how>", "full, short or none", oneOf(["full", "short", "none"]), "full")
    .option("--time-zone <zone>", "IANA name, such as Asia/Taipei", timeZone, "UTC")
    .option("--store-currency <code>", "for bodies that name none (FastPOD)", currency, "USD")
    .option("--svg <file>", "also write the slip as a picture")
    .option("--json", "ticket, order_json and order_txt as JSON")
    .action((platform: PlatformName, path: string, options: PreviewOptions) =>
      preview(cli, platform, path, options),
    );
}

async function preview(
  cli: Cli,
  platform: PlatformName,
  path: string,
  options: PreviewOptions,
): Promise<void> {
  const printer = printerSchema.parse({
    name: PREVIEW,
    api_key: PREVIEW,
    columns: Number(options.columns),
    language: options.language,
    order_txt: options.orderTxt,
    customer: options.customer,
    time_zone: options.timeZone,
  });
  const body = await readBounded(path, BODY_BYTES_MAX);
  const ticket = await ticketFrom(cli, body, previewStore(platform, options.storeCurrency));
  // As if it were sent in time: how late this file is says nothing.
  const marks = marksOf({ id: PREVIEW, reprint_number: null }, ticket.cancelled_at, false);
  const order = composeOrder(ticket, marks, printer);
  if (options.svg !== undefined) {
    const { slipSvg } = await import("../slip/picture.ts");
    await writeFile(options.svg, slipSvg(ticket, marks, printer));
  }
  if (options.json) {
    sayJson(cli, { ticket: ticketJson(ticket), ...order });
    return;
  }
  sayPaper(cli, slipText(ticket, marks, printer), printer.columns);
  say(cli);
  say(cli, paint(cli, "bold", "order_json"));
  sayJson(cli, order.order_json);
  say(cli, paint(cli, "bold", `order_txt (${printer.order_txt})`));
  say(cli, JSON.stringify(order.order_txt));
  if (ticket.problems.length > 0) say(cli, `not understood: ${ticket.problems.join(", ")}`);
}

/** @throws CommandFailed when the relay would print nothing for this body, with why */
async function ticketFrom(cli: Cli, body: Buffer, store: StoreSettings): Promise<Ticket> {
  const stores = createPlatforms({ clock: cli.clock });
  try {
    const reading = stores.platforms[store.platform].read(body, store);
    if (reading.kind === "cancellation") return ticketOf(reading.cancellation, store, cli.clock.now());
    throw new CommandFailed(`nothing would print: this body is ${reading.kind} (${reading.reason})`);
  } finally {
    await stores.close();
  }
}

function previewStore(platform: PlatformName, storeCurrency: string): StoreSettings {
  return {
    name: PREVIEW,
    platform,
    printer: PREVIEW,
    secrets: [],
    token_hashes: [],
    shop_id: null,
    api: null,
    order_id_from: "id",
    ignore_older_than_s: null,
    currency: platform === "fastpod" ? storeCurrency : null,
    trust_body: true,
    test_orders: "print",
  };
}
