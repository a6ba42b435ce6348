import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTurns } from "../../src/worker/turns.ts";

const ticks = async (): Promise<void> => {
  for (let tick = 0; tick < 5; tick++) await Promise.resolve();
};

describe("turns", () => {
  test("never more at once than there may be, first come first in, and nobody waits while there is room", async () => {
    const steps = fc.array(fc.record({ who: fc.nat(7), take: fc.boolean() }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (atOnce, acts) => {
        const turns = createTurns(atOnce);
        const places = Array.from({ length: 8 }, () => turns.place());
        const got: number[] = [];
        // The model: who is in, and who waits in which order.
        const inside = new Set<number>();
        let queue: number[] = [];
        const expected: number[] = [];
        const admit = (): void => {
          for (; inside.size < atOnce && queue.length > 0; queue = queue.slice(1)) {
            inside.add(queue[0] ?? NaN);
            expected.push(queue[0] ?? NaN);
          }
        };
        for (const { who, take } of acts) {
          if (queue.includes(who)) continue;
          inside.delete(who);
          admit();
          if (take) queue.push(who);
          admit();
          if (take) void places[who]?.take().then((isIn) => isIn && got.push(who));
          else places[who]?.leave();
          await ticks();
          expect(got).toEqual(expected);
        }
      }),
    );
  });

  test("a close sends away whoever waits, and whoever comes after", async () => {
    const turns = createTurns(1);
    expect(await turns.place().take()).toBe(true);
    const waits = turns.place().take();
    turns.close();
    expect(await waits).toBe(false);
    expect(await turns.place().take()).toBe(false);
  });
});
