import { expect, test } from "vitest";
import { closeInTime, stopSignal } from "../../src/cli/stopping.ts";
import { fakeCli } from "./fake-cli.ts";

test("the first signal stops, a second one ends the process at once", async () => {
  const { cli, signal, pass, exits } = fakeCli();
  const stopped = stopSignal(cli);
  signal();
  await stopped;
  expect(exits).toEqual([]);
  pass(1000);
  signal();
  expect(exits).toEqual([130]);
});

test("Ctrl-C under npm comes twice at once and counts once", async () => {
  const { cli, signal, pass, exits } = fakeCli();
  const stopped = stopSignal(cli);
  signal();
  await stopped;
  pass(20);
  signal();
  expect(exits).toEqual([]);
});

test("what closes in time closes quietly", async () => {
  const { cli } = fakeCli();
  await expect(closeInTime(cli, () => Promise.resolve())).resolves.toBeUndefined();
});

test("what hangs is told after ten seconds, with what that means", async () => {
  const { cli, pass } = fakeCli();
  const closing = closeInTime(cli, () => new Promise(() => undefined));
  pass(9_999);
  pass(1);
  await expect(closing).rejects.toThrow(
    "not drained within 10 s; what was under way is due again at the next start",
  );
});
