import { Option } from "commander";
import type { Kit } from "../kit.ts";
import { attemptJson, deliveryJson } from "../answers/json.ts";
import { cleanLine } from "../core/text.ts";
import { pause, SECOND_MS } from "../core/time.ts";
import type { DeliveryDetail } from "../ledger/ledger.ts";
import { CommandFailed, say, sayJson, type Cli } from "./cli.ts";
import { integer } from "./options.ts";

const LOOK_EVERY_MS = 250;
const WAIT_S_DEFAULT = 30;
const WAIT_S_MAX = 600;

export interface TestOptions {
  /** Seconds. */
  wait: number;
  json?: true;
}

export function waitOption(): Option {
  return new Option("--wait <seconds>", "how long to wait for the cloud's answer")
    .argParser(integer(0, WAIT_S_MAX))
    .default(WAIT_S_DEFAULT);
}

/** @throws CommandFailed when nobody would send what a test leaves in the ledger */
export async function needService(kit: Kit): Promise<void> {
  if (await kit.serviceRunning()) return;
  throw new CommandFailed(
    "no service is running on this ledger, so nothing would be sent; start one with: relay serve",
  );
}

/**
 * Waits for the cloud's answer to a test and tells it, and what to look at on the paper.
 * @param more further fields for `--json`
 * @throws CommandFailed when the cloud did not take it; `advice` says what to check then
 */
export async function tellTest(
  cli: Cli,
  kit: Kit,
  id: string,
  options: TestOptions,
  { advice, look }: { advice: string; look: string },
  more: Record<string, unknown> = {},
): Promise<void> {
  const { delivery, attempts } = await answerOf(cli, kit, id, options.wait * SECOND_MS);
  const attempt = attempts.at(-1) ?? null;
  if (options.json) {
    sayJson(cli, { delivery: deliveryJson(delivery), attempt: attempt && attemptJson(attempt), ...more });
  } else {
    say(cli, `delivery  ${delivery.id}`);
    say(cli, `state     ${delivery.state}`);
    if (attempt !== null) say(cli, `answer    ${cleanLine(attempt.detail)}`);
  }
  if (delivery.state === "accepted" || delivery.state === "printed") {
    if (!options.json)
      say(cli, `The cloud took it, so key and sign pass. Now confirm the slip at the printer. ${look}`);
    return;
  }
  const said = delivery.last_error ?? "no answer yet";
  throw new CommandFailed(
    `test slip ${delivery.id} is ${delivery.state}: ${said}; ${advice}, or look again with: relay deliveries show ${delivery.id}`,
  );
}

/** Looks until the cloud has said yes or no, or the time is up. */
async function answerOf(cli: Cli, kit: Kit, id: string, waitMs: number): Promise<DeliveryDetail> {
  const until = cli.clock.now() + waitMs;
  for (;;) {
    const detail = await kit.ledger.findDelivery(id);
    if (detail === null) throw new CommandFailed(`delivery ${id} is gone from the ledger`);
    const settled = ["accepted", "printed", "rejected", "dead"].includes(detail.delivery.state);
    if (settled || cli.clock.now() >= until) return detail;
    await pause(cli.clock, LOOK_EVERY_MS);
  }
}
