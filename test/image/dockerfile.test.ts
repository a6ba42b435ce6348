import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SETTING_NAMES } from "../../src/config/schema.ts";
import { lockText, manifestAt, ROOT } from "../supply/lock.ts";
import { contextNames, dockerfile, environmentOf, lastOf, stagesOf } from "./dockerfile.ts";

const stages = dockerfile();
const [build, final] = stages;
if (build === undefined || final === undefined) throw new Error("the Dockerfile has two stages");
const env = environmentOf(final);

test("the image begins with nothing, and only the build's folder is put into it", () => {
  expect(stages.map(({ base, name }) => [base, name])).toEqual([
    ["node:24-bookworm-slim", "build"],
    ["scratch", null],
  ]);
  expect(final.steps.map(({ word }) => word)).not.toContain("RUN");
  expect(final.steps.map(({ word }) => word)).not.toContain("ADD");
  const copies = final.steps.filter(({ word }) => word === "COPY");
  expect(copies.map(({ flags, rest }) => [flags, rest])).toEqual([
    [{ from: "build" }, "/image /"],
    [{ from: "build", chown: "1000:1000" }, "/data /data"],
  ]);
});

test("it runs as a number that is not root, and only its volume is that number's", () => {
  // A number, so that an orchestrator's "not as root" can be checked without the image's passwd.
  expect(lastOf(final, "USER")?.rest).toBe("1000:1000");
  expect(lastOf(final, "VOLUME")?.rest).toBe("/data");
  expect(env.RELAY_DATABASE).toMatch(/^\/data\//);
});

test("what it starts needs no shell", () => {
  expect(JSON.parse(lastOf(final, "CMD")?.rest ?? "")).toEqual(["relay", "serve"]);
  expect(final.steps.some(({ word }) => word === "ENTRYPOINT" || word === "SHELL")).toBe(false);
  const check = lastOf(final, "HEALTHCHECK")?.rest.replace(/^(--\S+ +)*CMD /, "") ?? "";
  expect((JSON.parse(check) as string[])[0]).toBe("node");
});

test("it is in production, with the options that the cache was made with, and those of npm start", () => {
  expect(env.NODE_ENV).toBe("production");
  const warmed = build.steps.flatMap(({ rest }) => /NODE_OPTIONS="([^"]*)"/.exec(rest)?.[1] ?? []);
  expect(warmed).toEqual([env.NODE_OPTIONS]);
  const started = manifestAt("").scripts?.start ?? "";
  const options = started.split(" ").filter((word) => word.startsWith("--") && word !== "--import");
  for (const option of options) expect(env.NODE_OPTIONS?.split(" ")).toContain(option);
  expect(env.NODE_OPTIONS).toContain("--import=/app/src/compile-cache.js");
});

test("nothing opens node's inspector, a snapshot or a report", () => {
  expect(env.NODE_OPTIONS?.split(" ")).toContain("--disable-sigusr1");
  expect(env.NODE_OPTIONS).not.toMatch(/inspect|snapshot|report/);
});

test("no secret is asked for while it is built, or set in it", () => {
  const words = stages.flatMap(({ steps }) => steps.map(({ word }) => word));
  expect(words).not.toContain("ARG");
  const set = Object.keys(env).filter((name) => /TOKEN|SECRET|KEY|PASSWORD/.test(name));
  expect(set).toEqual([]);
  const settings = Object.keys(env).filter((name) => name.startsWith("RELAY_"));
  expect(settings.filter((name) => !(SETTING_NAMES as string[]).includes(name))).toEqual([]);
});

test("packages are those of the lockfile, and run no script", () => {
  const installs = build.steps.filter(({ rest }) => /\bnpm\b/.test(rest)).map(({ rest }) => rest);
  expect(installs).toEqual(["npm ci --omit=dev --ignore-scripts"]);
  expect(lockText()).toContain('"lockfileVersion": 3');
});

test("only these reach the build at all: no .env, no ledger, no key, no test", () => {
  expect(contextNames().sort()).toEqual([".npmrc", "migrations", "package-lock.json", "package.json", "src"]);
});

test("compose.yaml holds it as tightly as docs/deployment.md says", () => {
  const compose = readFileSync(join(ROOT, "compose.yaml"), "utf8");
  for (const line of [
    "read_only: true",
    "cap_drop: [ALL]",
    "no-new-privileges:true",
    "core: 0",
    "pids_limit:",
    "mem_limit:",
  ]) {
    expect(compose).toContain(line);
  }
});

test("docs/deployment.md holds it so, under docker and under systemd", () => {
  const page = readFileSync(join(ROOT, "docs/deployment.md"), "utf8");
  const [docker = ""] = /^docker run -d[^`]*/m.exec(page) ?? [];
  for (const flag of [
    "--read-only",
    "--cap-drop ALL",
    "no-new-privileges",
    "--ulimit core=0",
    "--pids-limit",
  ]) {
    expect(docker).toContain(flag);
  }
  const [, unit = ""] = /```ini\n([^`]*)/.exec(page) ?? [];
  const lines = unit.split("\n");
  for (const line of [
    "LimitCORE=0",
    "NoNewPrivileges=true",
    "ProtectSystem=strict",
    "PrivateTmp=true",
    "User=relay",
  ]) {
    expect(lines).toContain(line);
  }
  const started = lines.find((line) => line.startsWith("ExecStart=")) ?? "";
  for (const option of env.NODE_OPTIONS?.split(" ") ?? []) {
    const words = option.replace("=/app/", " /opt/goodcom-relay/");
    expect(started).toContain(words);
  }
  expect(lines.join()).not.toContain("MemoryDenyWriteExecute");
});

test("a Dockerfile is read as docker reads it", () => {
  const [stage] = stagesOf(
    '# a\nFROM a:1 AS b\n# c\nCOPY --from=c --chown=1:2 x \\\n y\nENV A=1 \\\n B="2 3"\n',
  );
  expect(stage).toMatchObject({ base: "a:1", name: "b" });
  expect(stage?.steps[0]).toEqual({ word: "COPY", flags: { from: "c", chown: "1:2" }, rest: "x   y" });
  expect(environmentOf(stage!)).toEqual({ A: "1", B: "2 3" });
});
