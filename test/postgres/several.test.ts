import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, startRelay, until, type RunningRelay } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { named, signedTo } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

const RELAYS = 4;
/** A dead one is noticed after 10 s, and what it had in its hands is then sent. */
const TIME_MS_MAX = 120_000;

describe.skipIf(POSTGRES === null)("four relays on one ledger", () => {
  let service: ServiceOnPostgres;
  const relays: RunningRelay[] = [];

  beforeAll(async () => {
    service = await openServiceOnPostgres();
    relays.push(service.shop.relay);
    while (relays.length < RELAYS) {
      const env = { ...service.shop.env, RELAY_PORT: String(await freePort()) };
      relays.push(await startRelay(service.shop.folder, env));
    }
  });
  afterAll(async () => {
    for (const relay of relays.slice(1)) await relay.stop("SIGKILL");
    await service.close();
  });

  /** Each to a relay of those given, in turn, and to the next when it is not kept. */
  async function sendTo(given: readonly RunningRelay[], orders: readonly string[]): Promise<void> {
    await Promise.all(
      orders.map(async (order, n) => {
        let tries = n;
        await until(async () => {
          const relay = given[tries++ % given.length];
          return relay !== undefined && (await signedTo(relay.url, order)) === 200;
        });
      }),
    );
  }

  async function living(): Promise<{ living: number; leading: number }> {
    const [row] = await service.query(
      `SELECT count(*)::int AS living, coalesce(sum(leads), 0)::int AS leading FROM services
       WHERE seen_until > extract(epoch FROM clock_timestamp()) * 1000`,
    );
    return row as { living: number; leading: number };
  }

  /** By their own word, which on a busy machine may come late. */
  const untilLiving = (count: number): Promise<unknown> =>
    until(async () => {
      const told = await living();
      return told.living === count && told.leading === 1;
    });

  const slipsOf = (order: string): string[] =>
    service.shop.cloud.slips.filter((slip) => slip.order_id === order).map((slip) => slip.order_txt);
  const untilPrinted = (orders: readonly string[]): Promise<unknown> =>
    until(() => orders.every((order) => slipsOf(order).length > 0));

  test(
    "one killed and one paused: all prints, nothing twice that does not say so, and one leads",
    async () => {
      const [killed, paused, ...others] = relays;
      if (killed === undefined || paused === undefined) throw new Error("there are too few relays");
      await untilLiving(RELAYS);
      const first = named("all", 40);
      await sendTo(relays, first);
      // The one that leads, in the middle of its work.
      await killed.stop("SIGKILL");
      const second = named("without-one", 40);
      await sendTo([paused, ...others], second);
      paused.signal("SIGSTOP");
      const third = named("without-two", 20);
      await sendTo(others, third);
      await untilPrinted([...first, ...second, ...third]);
      await untilLiving(others.length);

      paused.signal("SIGCONT");
      await untilLiving(others.length + 1);
      const fourth = named("with-it-again", 20);
      await sendTo([paused, ...others], fourth);
      const all = [...first, ...second, ...third, ...fourth];
      await untilPrinted(all);
      for (const order of all) {
        const unmarked = slipsOf(order).filter((text) => !text.includes("MAY BE A REPEAT"));
        expect(unmarked.length, order).toBeLessThanOrEqual(1);
      }
      await untilLiving(others.length + 1);
      expect((await service.orders()).toSorted()).toEqual(all.toSorted());
    },
    TIME_MS_MAX,
  );
});
