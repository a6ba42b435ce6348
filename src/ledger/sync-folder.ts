import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes the names in a folder durable: a loss of power could otherwise keep a new file and lose its name. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
