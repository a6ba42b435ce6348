import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openShop } from "../../e2e/shop.ts";

let folder: Promise<string> | undefined;

/**
 * Node's compile cache for every start of this run, filled by a service that ends well: a killed one leaves nothing
 * behind, and each start would strip and compile all sources anew, which is most of what it costs.
 */
export function compiledFolder(): Promise<string> {
  folder ??= fill();
  return folder;
}

async function fill(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "relay-compiled-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  const shop = await openShop({ confirm_after_ms: null }, { NODE_COMPILE_CACHE: path });
  // What is loaded by the first webhook alone is to be in it too.
  await shop.cancel("shopline", "1");
  await shop.relay.stop("SIGTERM");
  await shop.close();
  return path;
}
