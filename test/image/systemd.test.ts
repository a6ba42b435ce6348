import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../supply/lock.ts";

const PAGE = readFileSync(join(ROOT, "docs/deployment.md"), "utf8");
const UNIT = /```ini\n([^]*?)```/.exec(PAGE)?.[1] ?? "";
const WRAPPER = join(ROOT, "deploy/relay");

/** The one value of a key of the unit. */
function unit(key: string): string {
  const [, value = "", ...others] = UNIT.split(new RegExp(`^${key}=(.*)$`, "m"));
  expect([key, others.length]).toEqual([key, 1]);
  return value;
}

test("bug: systemd gave a relay up that had started five times while its database was away", () => {
  expect([unit("Restart"), unit("StartLimitIntervalSec")]).toEqual(["always", "0"]);
});

test("bug: after a flood the relay kept all the memory that it had taken: image and unit have it given back", () => {
  const setting = "MALLOC_TRIM_THRESHOLD_=131072";
  expect(unit("Environment").split(" ")).toContain(setting);
  expect(readFileSync(join(ROOT, "Dockerfile"), "utf8")).toContain(` ${setting} `);
});

describe("bug: the command line beside the systemd unit", () => {
  const text = readFileSync(WRAPPER, "utf8");

  test("has the unit's user, folders, settings and ledger", () => {
    expect(text).toContain(` --uid=${unit("User")} --gid=${unit("Group")} `);
    expect(text).toContain(` --working-directory=${unit("WorkingDirectory")} `);
    for (const key of ["EnvironmentFile", "StateDirectory", "StateDirectoryMode", "UMask", "LimitCORE"]) {
      expect(text).toContain(` --property=${key}=${unit(key)} `);
    }
    for (const setting of unit("Environment").split(" ")) expect(text).toContain(` --setenv=${setting} `);
  });

  test("runs node as the unit does, for what node keeps compiled is for one set of options", () => {
    expect(text).toContain(` ${unit("ExecStart").replace(/ serve$/, "")} "$@"\n`);
  });

  test("is a script that the shell reads, and may be run", () => {
    expect(spawnSync("sh", ["-n", WRAPPER], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    expect(statSync(WRAPPER).mode & 0o111).toBe(0o111);
  });
});
