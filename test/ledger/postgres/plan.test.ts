import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlan, newPlace, type Place } from "../../../src/ledger/postgres/plan.ts";

type Doing = "a" | "b" | "alone" | "wall";

describe("the statements of one turn", () => {
  /** @returns what is sent, in its order: names of works, those that were gathered together */
  async function sent(doings: readonly (readonly [work: number, doing: Doing])[]): Promise<string[]> {
    const out: string[] = [];
    const plan = createPlan<number>((sendAll) => sendAll());
    const places = new Map<number, Place>();
    const batches = { a: {}, b: {} };
    for (const [work, doing] of doings) {
      const place = places.get(work) ?? newPlace();
      places.set(work, place);
      if (doing === "wall") plan.wall(() => out.push("wall"));
      else if (doing === "alone") plan.add(place, () => out.push(`alone ${work}`));
      else plan.join(place, batches[doing], work, (members) => out.push(`${doing} ${members.join(" ")}`));
    }
    await new Promise<void>((resolve) => process.nextTick(resolve));
    return out;
  }

  test("are gathered where they are of one batch, each work's in its order", async () => {
    expect(
      await sent([
        [1, "a"],
        [1, "b"],
        [2, "a"],
        [2, "b"],
        [3, "b"],
        [3, "a"],
      ]),
    ).toEqual(["a 1 2", "b 1 2 3", "a 3"]);
  });

  test("a work is in a batch once: its second is of the next", async () => {
    const twice = [
      [1, "a"],
      [1, "a"],
      [2, "a"],
    ] as const;
    expect(await sent(twice)).toEqual(["a 1", "a 1 2"]);
  });

  test("nothing goes back over a command", async () => {
    expect(
      await sent([
        [1, "a"],
        [1, "wall"],
        [2, "a"],
      ]),
    ).toEqual(["a 1", "wall", "a 2"]);
  });

  test("whoever follows another comes behind it, whoever does not may be gathered before", async () => {
    const out: string[] = [];
    const plan = createPlan<string>((sendAll) => sendAll());
    const [a, b] = [{}, {}];
    const [first, second, third, fourth] = [newPlace(), newPlace(), newPlace(), newPlace()];
    const send = (members: string[]): number => out.push(members.join(" "));
    plan.join(first, a, "a1", send);
    plan.join(first, b, "b1", send);
    plan.follow(second, first);
    plan.join(second, a, "a2", send);
    plan.join(third, a, "a3", send);
    plan.catchUp(fourth);
    plan.join(fourth, b, "b4", send);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(out).toEqual(["a1", "b1", "a2 a3", "b4"]);
  });

  test("the next turn knows nothing of the last", async () => {
    const out: string[] = [];
    const plan = createPlan<number>((sendAll) => sendAll());
    const [batch, place] = [{}, newPlace()];
    for (const turn of [1, 2]) {
      plan.join(place, batch, turn, (members) => out.push(members.join(" ")));
      plan.join(newPlace(), batch, turn * 10, (members) => out.push(members.join(" ")));
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    expect(out).toEqual(["1 10", "2 20"]);
  });

  test("whatever works do, each one's order is kept, and nothing is lost or done twice", async () => {
    const doing = fc.constantFrom<Doing>("a", "b", "alone", "wall");
    const doings = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), doing), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(doings, async (asked) => {
        const out = await sent(asked);
        for (const work of [1, 2, 3, 4]) {
          const its = out.filter((line) => line.split(" ").slice(1).includes(String(work)));
          const wanted = asked.filter(([by, what]) => by === work && what !== "wall").map(([, what]) => what);
          expect(its.map((line) => line.split(" ")[0])).toEqual(wanted);
        }
        const between = (lines: string[]): number[] =>
          lines.reduce<number[]>(
            (counts, line) =>
              line === "wall"
                ? [...counts, 0]
                : [...counts.slice(0, -1), (counts.at(-1) ?? 0) + line.split(" ").length - 1],
            [0],
          );
        expect(between(out)).toEqual(
          between(asked.map(([work, what]) => (what === "wall" ? what : `x ${work}`))),
        );
      }),
    );
  });
});
