import { expect, test } from "vitest";
import { createLargeEntries, type PackedAhead } from "../../src/ledger/sql/large-entries.ts";
import { unpack, unpackText } from "../../src/ledger/sql/pack.ts";
import type { EnqueueResult, InboundEntry } from "../../src/ledger/ledger.ts";
import { aDelivery, aTicket, aWebhook } from "./entries.ts";

const LARGE = Buffer.alloc(200_000, "牛肉麵");

function entryOf(n: number, store: string, body: Buffer): InboundEntry {
  return { webhook: aWebhook(n, { store, body }), delivery: aDelivery(n) };
}

/** A ledger's writing that ends when it is told to. */
function aWriter() {
  const begun: { store: string; ahead: PackedAhead | undefined; end: (error?: Error) => void }[] = [];
  let seen = 0;
  let onBegun: () => void = () => undefined;
  const enqueue = createLargeEntries(({ webhook }, _act, ahead) => {
    const result = { status: "accepted", webhook_id: webhook.id, delivery_id: null, reason: null } as const;
    return new Promise<EnqueueResult>((resolve, reject) => {
      const end = (error?: Error): void => {
        if (error === undefined) resolve(result);
        else reject(error);
      };
      begun.push({ store: webhook.store, ahead, end });
      onBegun();
    });
  });
  return {
    enqueue,
    begun,
    /** The next that is begun to be written. */
    next: async () => {
      if (begun.length === seen) await new Promise<void>((resolve) => (onBegun = resolve));
      const write = begun[seen++];
      if (write === undefined) throw new Error("nothing was begun");
      return write;
    },
  };
}

test("regression: large webhooks of one store shared transactions with what others sent, which waited for all", async () => {
  const { enqueue, begun, next } = aWriter();
  const done: Promise<unknown>[] = [1, 2, 3].map((n) => enqueue(entryOf(n, "noisy", LARGE)));
  done.push(enqueue(entryOf(4, "other", LARGE)));
  expect(begun).toHaveLength(0);
  done.push(enqueue(entryOf(5, "small", Buffer.from("{}"))));
  const order: string[] = [];
  for (let left = 5; left > 0; left--) {
    const { store, end } = await next();
    // Not one that is large is begun while another is under way.
    expect(begun).toHaveLength(order.push(store));
    end();
  }
  expect(order).toEqual(["small", "noisy", "noisy", "other", "noisy"]);
  await Promise.all(done);
});

test("body and ticket are packed when the write begins; a small entry is left to it", async () => {
  const { enqueue, next } = aWriter();
  const entry = { webhook: aWebhook(1, { body: LARGE }), delivery: aDelivery(1, { ticket: aTicket() }) };
  const done = enqueue(entry);
  const { ahead, end } = await next();
  expect(ahead && unpack(ahead.body).equals(LARGE)).toBe(true);
  expect(JSON.parse(unpackText(ahead?.ticket ?? Buffer.alloc(0)))).toEqual(aTicket());
  end();
  await done;
  const small = enqueue(entryOf(2, "noisy", Buffer.from("{}")));
  const write = await next();
  expect(write.ahead).toBeUndefined();
  write.end();
  await small;
});

test("one that fails tells its sender, and keeps none behind it waiting", async () => {
  const { enqueue, next } = aWriter();
  const first = expect(enqueue(entryOf(1, "noisy", LARGE))).rejects.toThrow("the disk is full");
  const second = enqueue(entryOf(2, "noisy", LARGE));
  (await next()).end(new Error("the disk is full"));
  await first;
  (await next()).end();
  expect(await second).toMatchObject({ status: "accepted" });
});
