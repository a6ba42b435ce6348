import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockedPackages, lockText, manifestAt, ROOT } from "./lock.ts";

const project = manifestAt("");
const packages = lockedPackages();

describe("what is installed", () => {
  test("is named by exact versions, and the lockfile holds these", () => {
    const { packages: locked } = JSON.parse(lockText()) as { packages: Record<string, object> };
    const { dependencies, devDependencies } = project;
    expect(locked[""]).toMatchObject({ dependencies, devDependencies });
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(packages.find(({ path }) => path === `node_modules/${name}`)?.version, name).toBe(version);
    }
  });

  test("comes from whatever registry the installer trusts: the lockfile names none", () => {
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
    for (const { path, version } of packages) expect(version, path).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
    // Addresses of funding pages may stand there, archives may not.
    expect(lockText()).not.toMatch(/\.tgz|git\+|"file:|"link":/);
    expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).toContain("omit-lockfile-registry-resolved=true");
    expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).not.toMatch(/registry=|_auth/);
  });

  test("is what was published: each package has a SHA-512", () => {
    for (const { path, integrity = "" } of packages) {
      expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });

  test("runs no script but those that package.json decides on", () => {
    const withScripts = packages.filter(
      ({ path, hasInstallScript }) => hasInstallScript === true || runsScripts(path),
    );
    expect(withScripts.map(({ name }) => name).sort()).toEqual(
      Object.keys(project.allowScripts ?? {}).sort(),
    );
    // None of production's: the image is installed with --ignore-scripts, and so may be anything else.
    const allowed = packages.filter(({ name }) => project.allowScripts?.[name] === true);
    expect(allowed.filter(({ dev }) => dev !== true)).toEqual([]);
  });
});

/** A package with a binding.gyp is compiled by npm even without a script, unless it says `gypfile: false`: so it counts. */
function runsScripts(path: string): boolean {
  if (!existsSync(join(ROOT, path, "package.json"))) return false;
  const { scripts = {} } = manifestAt(path);
  const named = ["preinstall", "install", "postinstall"].some((script) => scripts[script] !== undefined);
  return named || existsSync(join(ROOT, path, "binding.gyp"));
}
