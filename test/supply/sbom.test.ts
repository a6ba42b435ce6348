import { describe, expect, test } from "vitest";
import { z } from "zod";
import { lockedPackages, manifestAt } from "./lock.ts";
import { billOfMaterials } from "./sbom.ts";

/** CycloneDX's bom-1.6.schema.json, read 2026-11: the parts that are used, nothing besides them allowed. */
const hash = z.strictObject({
  alg: z.enum(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512"]),
  content: z
    .string()
    .regex(/^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$/),
});
/** Of SPDX's list those that stand in the lockfile: an id that is not SPDX's makes the document invalid. */
const spdx = z.enum([
  "MIT",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "MPL-2.0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Unlicense",
  "0BSD",
]);
const licences = z
  .array(z.strictObject({ license: z.strictObject({ id: spdx }) }))
  .or(z.tuple([z.strictObject({ expression: z.string().min(1) })]));
const component = z.strictObject({
  type: z.enum(["application", "framework", "library"]),
  "bom-ref": z.string().min(1),
  name: z.string().min(1),
  version: z.string().max(1024),
  scope: z.enum(["required", "optional", "excluded"]),
  purl: z.string().optional(),
  hashes: z.array(hash).optional(),
  licenses: licences.optional(),
});
const bom = z.strictObject({
  $schema: z.literal("http://cyclonedx.org/schema/bom-1.6.schema.json"),
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.6"),
  version: z.int().min(1),
  metadata: z.strictObject({
    timestamp: z.iso.datetime().optional(),
    lifecycles: z.array(
      z.strictObject({
        phase: z.enum([
          "design",
          "pre-build",
          "build",
          "post-build",
          "operations",
          "discovery",
          "decommission",
        ]),
      }),
    ),
    component,
  }),
  components: z.array(component),
  dependencies: z.array(z.strictObject({ ref: z.string().min(1), dependsOn: z.array(z.string().min(1)) })),
});

const BIG_JS =
  "885815efce2d0fc92ae1c705d71b4d3199d7799cd5b9759633e1111732908eff80e46f470bc098dc3b95e39be0cc515c5bebb6b48be617de7e0335a0b3a0630a";

const told = billOfMaterials(null);

describe("the bill of materials", () => {
  test("is of CycloneDX 1.6", () => {
    bom.parse(told);
    bom.parse(billOfMaterials(0));
  });

  test("has every package of the lockfile, once, with its hash", () => {
    const wanted = new Set(lockedPackages().map(({ name, version }) => `${name}@${version}`));
    expect(told.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      [...wanted].sort(),
    );
    for (const { hashes = [], name } of told.components)
      expect(
        hashes.map(({ alg }) => alg),
        name,
      ).toEqual(["SHA-512"]);
  });

  // `npm sbom` of npm 11.19.1 says so of the same lockfile, 2026-11. A new version here has a new hash.
  test("names a package as npm's own command does", () => {
    expect(told.components.find(({ name }) => name === "big.js")).toEqual({
      type: "library",
      "bom-ref": "pkg:npm/big.js@7.0.1",
      name: "big.js",
      version: "7.0.1",
      scope: "required",
      purl: "pkg:npm/big.js@7.0.1",
      hashes: [{ alg: "SHA-512", content: BIG_JS }],
      licenses: [{ license: { id: "MIT" } }],
    });
  });

  test("writes a scope's @ as package URLs do, and what tests alone need as excluded", () => {
    const types = told.components.find(({ name }) => name === "@types/node");
    expect(types?.purl).toBe(
      `pkg:npm/%40types/node@${manifestAt("").devDependencies?.["@types/node"] ?? ""}`,
    );
    expect(types?.scope).toBe("excluded");
    const scopes = (names: Record<string, string> = {}) =>
      new Set(told.components.filter(({ name }) => name in names).map(({ scope }) => scope));
    expect(scopes(manifestAt("").dependencies)).toEqual(new Set(["required"]));
  });

  test("refers only to what is in it, and everything is reached from the project", () => {
    const refs = new Set([told.metadata.component, ...told.components].map((one) => one["bom-ref"]));
    expect(refs.size).toBe(told.components.length + 1);
    expect(new Set(told.dependencies.map(({ ref }) => ref))).toEqual(refs);
    const graph = new Map(told.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const rest = [told.metadata.component["bom-ref"]];
    for (let ref = rest.pop(); ref !== undefined; ref = rest.pop()) {
      if (reached.has(ref)) continue;
      reached.add(ref);
      rest.push(...graph.get(ref)!);
    }
    expect(reached).toEqual(refs);
  });

  test("is the same every time, and has a time only where one is given", () => {
    expect(JSON.stringify(billOfMaterials(null))).toBe(JSON.stringify(told));
    expect(told.metadata).not.toHaveProperty("timestamp");
    expect(billOfMaterials(1_795_000_000).metadata.timestamp).toBe("2026-11-18T11:06:40.000Z");
  });
});
