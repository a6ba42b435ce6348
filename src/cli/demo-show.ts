import type { Service } from "../app.ts";
import type { PlatformName } from "../core/cancellation.ts";
import type { DeliveryState } from "../core/delivery.ts";
import { pause, SECOND_MS, type UnixMs } from "../core/time.ts";
import type { DeliveryDetail } from "../ledger/ledger.ts";
import type { GoodcomSimulator } from "../goodcom/simulator/simulator.ts";
import { sampleWebhook } from "../platforms/sample.ts";
import type { StoreSimulator } from "../platforms/simulator/simulator.ts";
import { paint, say, type Cli } from "./cli.ts";
import { DEMO_COLUMNS, type DEMO_STORES, type DemoKeys } from "./demo-settings.ts";
import { stateStyle } from "./delivery-view.ts";
import { inReverse, paper } from "./paper.ts";
import { post } from "./post.ts";

/** The demo's world: all on this machine, all gone afterwards. */
export interface Stage {
  service: Service;
  cloud: GoodcomSimulator;
  shops: Record<PlatformName, StoreSimulator>;
  keys: DemoKeys;
}

/** How a demo ended. */
export interface Played {
  /** All of it in one line. */
  words: string;
  /** Why not, for each thing that did not happen. */
  failed: string[];
  /** What stands before these where `--once` ends with them. */
  failedWords: string;
  /** What may be tried now, where the demo goes on. */
  hints: string[];
}

/** What became of one cancellation. */
interface Shown {
  /** Why it was not printed; null when it was. */
  why: string | null;
  /** The slip as the printer got it, framed; empty when it got none. */
  paper: string[];
}

export const LOOK_EVERY_MS = 40;
const POST_MS = 5 * SECOND_MS;
const ENDS: readonly DeliveryState[] = ["printed", "rejected", "dead", "void"];

/**
 * One store cancels an order: sends the webhook as that platform does, and shows what becomes of it until its
 * slip is printed, it has failed, or the time is up.
 *
 * @param until when to give up
 */
export async function showCancellation(
  cli: Cli,
  stage: Stage,
  store: (typeof DEMO_STORES)[number],
  until: UnixMs,
): Promise<Shown> {
  const { service, cloud, shops, keys } = stage;
  const { name, platform } = store;
  const startedAt = cli.clock.now();
  const sample = sampleWebhook(platform, { now: startedAt, store: name, secret: keys.webhook[platform] });
  if (sample.api_order !== null) shops.fastpod.put(sample.api_order);

  say(cli);
  say(cli, `${paint(cli, "bold", platform.toUpperCase())}  ${name} cancels order ${sample.order_name}`);
  const { status, answer } = await post(`${service.url}${sample.path}`, sample.headers, sample.body, POST_MS);
  say(
    cli,
    `  webhook   ${status === 200 ? `200, kept for good after ${cli.clock.now() - startedAt} ms` : status}`,
  );
  const id = deliveryIn(answer);
  if (id === null) return { why: `${name}: the relay answered ${status} ${answer}`, paper: [] };

  cli.stdout.write("  delivery  ");
  const last = await follow(cli, stage, id, until);
  const tookS = ((cli.clock.now() - startedAt) / SECOND_MS).toFixed(1);
  say(cli, paint(cli, "dim", `   ${tookS} s`));
  return {
    why: last?.delivery.state === "printed" ? null : `${name}: ${whyNot(last)}`,
    paper: paperOf(cli, cloud, sample.order_id),
  };
}

/** The order's slip as the printer got it, framed; empty when it got none. */
export function paperOf(cli: Cli, cloud: GoodcomSimulator, orderId: string): string[] {
  const slip = cloud.slips.findLast((one) => one.order_id === orderId);
  return slip === undefined ? [] : paper(slip.order_txt, DEMO_COLUMNS, inReverse(cli));
}

export function whyNot(last: DeliveryDetail | null): string {
  if (last === null) return "the delivery is gone";
  const { state, last_error } = last.delivery;
  return last_error === null ? `still ${state}` : `${state}, ${last_error}`;
}

/** Writes each state as it is reached, on one line. */
export async function follow(
  cli: Cli,
  { service }: Stage,
  id: string,
  until: UnixMs,
): Promise<DeliveryDetail | null> {
  const shown: DeliveryState[] = [];
  for (;;) {
    const detail = await service.ledger.findDelivery(id);
    const states = (detail?.history ?? []).map((entry) => entry.state);
    for (const state of states) {
      if (shown.includes(state)) continue;
      cli.stdout.write(`${shown.length === 0 ? "" : " → "}${paint(cli, stateStyle(state), state)}`);
      shown.push(state);
    }
    if (detail === null || ENDS.includes(detail.delivery.state) || cli.clock.now() >= until) return detail;
    await pause(cli.clock, LOOK_EVERY_MS);
  }
}

function deliveryIn(answer: string): string | null {
  const id = /"delivery":"([0-9A-Z]{26})"/.exec(answer)?.[1];
  return id ?? null;
}
