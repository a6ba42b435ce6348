import { expect, test } from "vitest";
import { createLeisurely } from "../../src/core/leisurely.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function turns(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth++) await turn();
}

test("one task in eight turns, in their order, and others' work between", async () => {
  const tasks = createLeisurely();
  const done: string[] = [];
  for (const name of ["a", "b", "c"]) tasks.add(() => done.push(name));
  expect(done).toEqual([]);
  const after: number[] = [];
  for (let nth = 1; nth <= 30; nth++) {
    await turn();
    while (after.length < done.length) after.push(nth);
  }
  expect(done).toEqual(["a", "b", "c"]);
  expect(after).toEqual([8, 16, 24]);
});

test("what is added once none waits, or by a task, has its turn", async () => {
  const tasks = createLeisurely();
  const done: string[] = [];
  tasks.add(() => {
    done.push("a");
    tasks.add(() => done.push("b"));
  });
  await turns(30);
  tasks.add(() => done.push("c"));
  await turns(10);
  expect(done).toEqual(["a", "b", "c"]);
});

test("finished, all are done at once and none again", async () => {
  const tasks = createLeisurely();
  const done: string[] = [];
  for (const name of ["a", "b", "c"]) tasks.add(() => done.push(name));
  tasks.finish();
  expect(done).toEqual(["a", "b", "c"]);
  tasks.add(() => done.push("d"));
  await turns(30);
  expect(done).toEqual(["a", "b", "c", "d"]);
});
