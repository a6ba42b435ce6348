import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { emojiFiles } from "./emoji-labels.ts";

/** `npm run emoji:update`: writes the words of all emoji anew. Look at each difference before you commit it. */
const root = join(import.meta.dirname, "../..");
const files = emojiFiles();
for (const [path, contents] of files) writeFileSync(join(root, path), contents);
process.stdout.write(`${String(files.size)} files of emoji's words written\n`);
