import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { licencesPage, productionLicences } from "./licences.ts";
import { ROOT } from "./lock.ts";
import { billOfMaterials } from "./sbom.ts";

// `npm run licences` writes docs/licences.md. `npm run -s sbom` writes a CycloneDX document to stdout,
// `npm run sbom -- <file>` to a file; SOURCE_DATE_EPOCH (Unix seconds), where it is set, is its time.

const [what, file] = process.argv.slice(2);
const { SOURCE_DATE_EPOCH: epoch } = process.env;
if (what === "licences") {
  writeFileSync(join(ROOT, "docs/licences.md"), licencesPage(productionLicences()));
} else if (what === "sbom") {
  const text = `${JSON.stringify(billOfMaterials(epoch === undefined ? null : Number(epoch)), null, 2)}\n`;
  if (file === undefined) process.stdout.write(text);
  else writeFileSync(file, text);
} else {
  throw new Error("say what to write: licences, or sbom");
}
