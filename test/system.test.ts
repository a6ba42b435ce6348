import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const HOME = new URL("../src/system.ts", import.meta.url).href;
const SCRIPT = `const { memoryExposures } = await import("${HOME}");
process.stdout.write(JSON.stringify(memoryExposures(process.env.NODE_OPTIONS)));`;

/** What a process says of itself that was started so, by a shell. */
function exposures(limit: string, options: string[], env: Record<string, string> = {}): string[] {
  const { stdout, stderr } = spawnSync(
    "/bin/sh",
    [
      "-c",
      `ulimit ${limit}; exec "$0" "$@"`,
      process.execPath,
      ...options,
      "--input-type=module",
      "-e",
      SCRIPT,
    ],
    { encoding: "utf8", env },
  );
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

/** Where not even root may have core dumps there is nothing to be warned of. */
const HARD_LIMIT = spawnSync("/bin/sh", ["-c", "ulimit -Hc"], { encoding: "utf8" }).stdout.trim();

const SHUT = "--disable-sigusr1";

describe.skipIf(process.platform === "win32")("what lets others read the memory", () => {
  test("nothing, under ulimit -c 0 and without options that do", () => {
    expect(exposures("-Sc 0", ["--max-semi-space-size=16", SHUT])).toEqual([]);
  });

  const limits = HARD_LIMIT === "0" ? [] : [`-Sc ${HARD_LIMIT}`, "-Sc 1"];
  test.each(limits)("a core dump, under ulimit %s", (limit) => {
    expect(exposures(limit, [SHUT])).toEqual([expect.stringContaining("core dump")]);
  });

  test("an option of node, wherever it stands, without what follows it", () => {
    expect(exposures("-Sc 0", ["--heapsnapshot-signal=SIGUSR2", SHUT])).toEqual([
      "node was started with --heapsnapshot-signal: start it without",
    ]);
    expect(exposures("-Sc 0", [SHUT], { NODE_OPTIONS: "--inspect=127.0.0.1:0 --no-warnings" })).toEqual([
      "node was started with --inspect: start it without",
    ]);
  });

  test("regression: the signal that opens the inspector, unless it is shut, wherever that stands", () => {
    expect(exposures("-Sc 0", [])).toEqual([expect.stringContaining("SIGUSR1")]);
    expect(exposures("-Sc 0", [], { NODE_OPTIONS: `--no-warnings ${SHUT}` })).toEqual([]);
  });

  test("an option that only begins like one is none", () => {
    expect(exposures("-Sc 0", ["--inspect-port=9230", SHUT])).toEqual([]);
  });
});
