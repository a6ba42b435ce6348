import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder: package.json, package-lock.json and node_modules are read here and nowhere else. */
export const ROOT = join(import.meta.dirname, "../..");

/** One entry of package-lock.json, version 3, as far as it is read. */
export interface LockEntry {
  version: string;
  integrity?: string;
  license?: string;
  resolved?: string;
  /** Only wanted by development dependencies. */
  dev?: true;
  optional?: true;
  hasInstallScript?: true;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface LockedPackage extends LockEntry {
  name: string;
  /** `node_modules/a/node_modules/b`: where it is installed. */
  path: string;
}

export interface Manifest {
  name: string;
  version: string;
  license?: string;
  description?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
}

export function manifestAt(path: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, path, "package.json"), "utf8")) as Manifest;
}

export function lockText(): string {
  return readFileSync(join(ROOT, "package-lock.json"), "utf8");
}

const MODULES = "node_modules/";

/** Every package of the lockfile but the project itself, by path. */
export function lockedPackages(): LockedPackage[] {
  const { packages } = JSON.parse(lockText()) as { packages: Record<string, LockEntry> };
  return Object.entries(packages)
    .filter(([path]) => path !== "")
    .map(([path, entry]) => ({
      ...entry,
      path,
      name: path.slice(path.lastIndexOf(MODULES) + MODULES.length),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What stands at `from` and requires `name` gets this one: the nearest, as node looks for it. */
export function resolved(
  byPath: ReadonlyMap<string, LockedPackage>,
  from: string,
  name: string,
): LockedPackage | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(MODULES) - 1))) {
    const found = byPath.get(folder === "" ? MODULES + name : `${folder}/${MODULES}${name}`);
    if (found !== undefined || folder === "") return found;
  }
}
