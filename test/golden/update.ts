import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { goldenFiles } from "./slips.ts";

/** `npm run golden:update`: writes every golden file anew. Look at each difference before you commit it. */
const root = join(import.meta.dirname, "../..");
const files = goldenFiles();
for (const [path, contents] of files) writeFileSync(join(root, path), contents);
process.stdout.write(`${String(files.size)} golden files written\n`);
