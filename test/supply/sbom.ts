import { lockedPackages, manifestAt, resolved, type LockedPackage } from "./lock.ts";

/**
 * The parts of CycloneDX 1.6 that a lockfile can fill.
 * @see CycloneDX specification, schema/bom-1.6.schema.json; package URLs: purl-spec, type npm; read 2026-11
 */
export interface Bom {
  $schema: string;
  bomFormat: "CycloneDX";
  specVersion: "1.6";
  version: number;
  metadata: { timestamp?: string; lifecycles: { phase: "pre-build" }[]; component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface Component {
  type: "application" | "library";
  "bom-ref": string;
  name: string;
  version: string;
  /** `excluded`: for development and tests alone. `optional`: may be left out of an installation. */
  scope: "required" | "optional" | "excluded";
  purl?: string;
  hashes?: { alg: string; content: string }[];
  licenses?: ({ license: { id: string } } | { expression: string })[];
}

const SCOPES = ["required", "optional", "excluded"] as const;

/**
 * The bill of materials of package-lock.json: for the same lockfile the same text.
 * @param epoch Unix seconds (SOURCE_DATE_EPOCH); null: no time is named
 */
export function billOfMaterials(epoch: number | null): Bom {
  const project = manifestAt("");
  const packages = lockedPackages();
  const root = `${project.name}@${project.version}`;
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      ...(epoch === null ? {} : { timestamp: new Date(epoch * 1000).toISOString() }),
      lifecycles: [{ phase: "pre-build" }],
      component: {
        type: "application",
        "bom-ref": root,
        name: project.name,
        version: project.version,
        scope: "required",
      },
    },
    components: components(packages),
    dependencies: dependencies(packages, root, { ...project.dependencies, ...project.devDependencies }),
  };
}

function purlOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

/** A package that is installed in several places is one component, of the widest scope. */
function components(packages: readonly LockedPackage[]): Component[] {
  const found = new Map<string, Component>();
  for (const one of packages) {
    const purl = purlOf(one);
    const scope = one.dev === true ? "excluded" : one.optional === true ? "optional" : "required";
    const before = found.get(purl)?.scope ?? scope;
    found.set(purl, {
      type: "library",
      "bom-ref": purl,
      name: one.name,
      version: one.version,
      scope: SCOPES.indexOf(before) < SCOPES.indexOf(scope) ? before : scope,
      purl,
      hashes: (one.integrity ?? "").split(" ").filter(Boolean).map(hashOf),
      licenses: one.license === undefined ? [] : [licenceOf(one.license)],
    });
  }
  return [...found.values()].sort(byRef);
}

/** Subresource Integrity (`sha512-` and base64) as CycloneDX writes a hash. */
function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = "", base64 = ""] = integrity.split(/-(.*)/s);
  return { alg: algorithm.replace(/^sha/, "SHA-"), content: Buffer.from(base64, "base64").toString("hex") };
}

/** One SPDX id, or an expression of several. */
function licenceOf(spdx: string): { license: { id: string } } | { expression: string } {
  return /^[\w.+-]+$/.test(spdx) ? { license: { id: spdx } } : { expression: spdx };
}

function dependencies(
  packages: readonly LockedPackage[],
  root: string,
  direct: Record<string, string>,
): Bom["dependencies"] {
  const byPath = new Map(packages.map((one) => [one.path, one]));
  const wanted = new Map<string, Set<string>>();
  const add = (ref: string, path: string, names: Record<string, string>): void => {
    const refs = wanted.get(ref) ?? new Set();
    for (const name of Object.keys(names)) {
      // Not there: an optional one of another system, or a peer that nobody wanted.
      const found = resolved(byPath, path, name);
      if (found !== undefined) refs.add(purlOf(found));
    }
    wanted.set(ref, refs);
  };
  add(root, "", direct);
  for (const one of packages) {
    add(purlOf(one), one.path, { ...one.dependencies, ...one.optionalDependencies, ...one.peerDependencies });
  }
  return [...wanted]
    .map(([ref, refs]) => ({ ref, dependsOn: [...refs].sort() }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function byRef(a: Component, b: Component): number {
  return a["bom-ref"] < b["bom-ref"] ? -1 : 1;
}
