import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "./process.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
afterEach(() => shop.close());

const range = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name}-${n}`);

test("a restored backup: what came since is taken again, nothing is lost, and no second slip is without its mark", async () => {
  shop = await openShop({ confirm_after_ms: 5 });
  const slipsOf = (order: string) => shop.cloud.slips.filter((slip) => slip.order_id === order);
  const onPaper = (orders: string[], times: number): Promise<boolean> =>
    until(() => orders.every((order) => slipsOf(order).length >= times));

  const printed = range("printed", 3);
  for (const order of printed) await shop.cancel("shopline", order);
  await onPaper(printed, 1);
  await until(async () => (await states("printed")) === printed.length);
  // The cloud goes away: these are unsettled in the backup, and print after it.
  await shop.cloud.setFault("503");
  const unsettled = range("unsettled", 3);
  for (const order of unsettled) await shop.cancel("shopline", order);
  const copy = join(shop.folder, "copy.db");
  const { code, stdout, stderr } = await shop.command("backup", copy, "--json");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({ path: copy, webhooks: 6, deliveries: 6 }),
  ]);
  expect(stderr).toContain("relay.db.key");
  await shop.cloud.setFault(null);
  await onPaper(unsettled, 1);
  const since = range("since", 3);
  for (const order of since) await shop.cancel("shopline", order);
  await onPaper(since, 1);

  await shop.relay.stop("SIGKILL");
  for (const end of ["", "-wal", "-shm"]) rmSync(join(shop.folder, `relay.db${end}`), { force: true });
  renameSync(copy, join(shop.folder, "relay.db"));
  await shop.open();
  await until(() => shop.relay.output().includes("ledger.restored"));
  const answers = [];
  for (const order of [...printed, ...unsettled, ...since]) {
    answers.push((await shop.cancel("shopline", order)).body.status);
  }
  expect(answers).toEqual([...Array<string>(6).fill("duplicate"), ...Array<string>(3).fill("accepted")]);
  await onPaper([...unsettled, ...since], 2);
  for (const order of printed) expect(slipsOf(order)).toHaveLength(1);
  for (const order of [...unsettled, ...since]) {
    const [first, ...again] = slipsOf(order).map(({ order_txt }) => order_txt.includes("MAY BE A REPEAT"));
    expect([first, ...new Set(again)]).toEqual([false, true]);
  }
}, 60_000);

async function states(state: string): Promise<number> {
  const { body } = await shop.api(`/deliveries?state=${state}`);
  return (body as { items: unknown[] }).items.length;
}
