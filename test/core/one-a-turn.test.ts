import { expect, test } from "vitest";
import { createOneATurn } from "../../src/core/one-a-turn.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one task a turn, in their order, and others' work between", async () => {
  const tasks = createOneATurn();
  const done: string[] = [];
  for (const name of ["a", "b", "c"]) tasks.add(() => done.push(name));
  expect(done).toEqual([]);
  for (const name of ["1", "2", "3"]) {
    await turn();
    done.push(name);
  }
  expect(done).toEqual(["a", "1", "b", "2", "c", "3"]);
});

test("what is added once none waits, or by a task, has its turn", async () => {
  const tasks = createOneATurn();
  const done: string[] = [];
  tasks.add(() => {
    done.push("a");
    tasks.add(() => done.push("b"));
  });
  for (let nth = 0; nth < 3; nth++) await turn();
  tasks.add(() => done.push("c"));
  await turn();
  expect(done).toEqual(["a", "b", "c"]);
});

test("finished, all are done at once and none again", async () => {
  const tasks = createOneATurn();
  const done: string[] = [];
  for (const name of ["a", "b", "c"]) tasks.add(() => done.push(name));
  tasks.finish();
  expect(done).toEqual(["a", "b", "c"]);
  tasks.add(() => done.push("d"));
  for (let nth = 0; nth < 3; nth++) await turn();
  expect(done).toEqual(["a", "b", "c", "d"]);
});
