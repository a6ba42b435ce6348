import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { hasEnded, processName } from "../src/process-name.ts";

const here = processName();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function child(): Promise<{
  name: string;
  kill: (signal: NodeJS.Signals) => boolean;
  ended: Promise<unknown>;
}> {
  const started = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  children.push(started);
  const ended = once(started, "exit");
  await once(started, "spawn");
  return { name: processName(started.pid) ?? "", kill: (signal) => started.kill(signal), ended };
}

describe.skipIf(here === null)("where the system tells of its processes", () => {
  test("one that runs has not ended, nor has one that is stopped; one that was killed has", async () => {
    const { name, kill, ended } = await child();
    expect(hasEnded(name)).toBe(false);
    kill("SIGSTOP");
    expect(hasEnded(name)).toBe(false);
    kill("SIGKILL");
    await ended;
    expect(hasEnded(name)).toBe(true);
    expect(hasEnded(here ?? "")).toBe(false);
  });

  test("another that has its number now is another", () => {
    expect(hasEnded((here ?? "").replace(/\d+$/, (began) => String(Number(began) - 1)))).toBe(true);
  });

  test.each([
    ["another machine, or this one before it was started anew", 0, "00000000-0000-4000-8000-000000000000"],
    ["another container", 1, "pid:[1]"],
  ])("of one in %s nobody knows", async (_where, word, other) => {
    const { name, kill, ended } = await child();
    kill("SIGKILL");
    await ended;
    expect(hasEnded(name.split(" ").with(word, other).join(" "))).toBe(false);
  });
});

test.each(["", "x", "a b c d", "a b -1 5", `${(here ?? "").split(" ").slice(0, 2).join(" ")} 0 5`])(
  "what is no name, %j, tells nothing",
  (name) => {
    expect(hasEnded(name)).toBe(false);
  },
);
