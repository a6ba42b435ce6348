import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { RelayError } from "../../core/errors.ts";
import { giveToOwnerOf } from "../same-owner.ts";
import type { Forgotten, ForgottenFile } from "../sql/forgotten.ts";
import { syncFolder } from "../sync-folder.ts";

const OWNER_ONLY = 0o600;
/** Ids are short: whatever is longer is none of ours. */
const LINE_CHARS_MAX = 1000;

/** @param path of the ledger */
export function createForgottenFile(path: string): ForgottenFile {
  const file = `${path}.forgotten`;

  function refusal(cause: unknown): RelayError {
    return new RelayError(
      "ledger_unavailable",
      `${file} cannot be used: check it, its permissions and its disk; without it a restored backup would bring back ` +
        "what is erased, so nothing was erased",
      { cause },
    );
  }

  return {
    append(lines) {
      if (lines.length === 0) return;
      try {
        const isNew = !existsSync(file);
        const opened = openSync(file, "a", OWNER_ONLY);
        try {
          if (isNew) giveToOwnerOf(path, opened);
          // A line that a crash cut off must not swallow the next.
          // All of it, or it throws: one call may write a part, on a disk that is almost full.
          writeFileSync(
            opened,
            `${isNew ? "" : "\n"}${lines.map((line) => JSON.stringify(line)).join("\n")}\n`,
          );
          fsyncSync(opened);
        } finally {
          closeSync(opened);
        }
        if (isNew) syncFolder(dirname(file));
      } catch (error) {
        throw refusal(error);
      }
    },
    read() {
      if (!existsSync(file)) return [];
      try {
        return readFileSync(file, "utf8").split("\n").flatMap(lineOf);
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

function lineOf(line: string): Forgotten[] {
  if (line === "" || line.length > LINE_CHARS_MAX) return [];
  try {
    const told = JSON.parse(line) as Record<string, unknown> | null;
    if (typeof told !== "object" || told === null || !Number.isSafeInteger(told.at)) return [];
    const isOrder =
      typeof told.order_id === "string" && (told.store === null || typeof told.store === "string");
    const isStore = told.everything === true && typeof told.store === "string";
    return isOrder || isStore || typeof told.webhook === "string" ? [told as unknown as Forgotten] : [];
  } catch {
    return [];
  }
}
