import { fchownSync, fstatSync, statSync, type Stats } from "node:fs";

/**
 * Root may run a command beside a service that is not root's: what it makes there must not be root's alone, for the service
 * could not use it then. SQLite does the same with its own files.
 *
 * @param file open, made by this process
 * @param path of the file whose owner it is to have; where there is none yet it stays as it is
 */
export function giveToOwnerOf(path: string, file: number): void {
  if (process.getuid?.() !== 0) return;
  giveTo(statSync(path, { throwIfNoEntry: false }), file);
}

/** @param like of a file with the owner that this one is to have */
export function giveTo(like: Stats | undefined, file: number): void {
  const own = fstatSync(file);
  if (like !== undefined && (like.uid !== own.uid || like.gid !== own.gid)) {
    fchownSync(file, like.uid, like.gid);
  }
}
