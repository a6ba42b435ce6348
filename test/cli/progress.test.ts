import { describe, expect, test } from "vitest";
import { createProgress, progressLine } from "../../src/cli/progress.ts";
import { fakeCli } from "./fake-cli.ts";

describe("the bar", () => {
  test.each([
    [0, 10, 80, "[------------------------------]    0 %  so many"],
    [5, 10, 80, "[###############---------------]   50 %  so many"],
    [10, 10, 80, "[##############################]  100 %  so many"],
    [99, 10, 80, "[##############################]  100 %  so many"],
    [0, 0, 80, "[##############################]  100 %  so many"],
    [5, 10, 30, "[#####------]   50 %  so many"],
    [5, 10, 12, "   50 %  s…"],
  ])("%i of %i in %i columns", (done, total, columns, line) => {
    const drawn = progressLine(done, total, "so many", columns);
    expect(drawn.trimStart()).toBe(line.trimStart());
    expect(drawn.length).toBeLessThan(columns);
  });

  test("only a terminal sees it, and not more often than it can be read", () => {
    const pipe = fakeCli();
    createProgress(pipe.cli, 10).show(5, "half");
    expect(pipe.err()).toBe("");
    const { cli, err, pass } = fakeCli();
    Object.assign(cli.stderr, { isTTY: true, columns: 80 });
    const progress = createProgress(cli, 10);
    progress.show(1, "one");
    progress.show(2, "two");
    pass(100);
    progress.show(3, "three");
    progress.show(10, "all");
    progress.clear();
    expect(
      err()
        .split("\r\u001b[K")
        .map((line) => line.slice(-5).trim()),
    ).toEqual(["", "one", "three", "all", ""]);
  });
});
