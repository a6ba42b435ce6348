import { open } from "node:fs/promises";
import { CommandFailed } from "./cli.ts";

/** Twice what the relay takes (1 MiB), so that its refusal can be tried, too. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read by this user",
  EISDIR: "it is a folder",
};

/**
 * @param bytesMax most that is read; the limit also holds for pipes and devices, which have no size to ask for
 * @throws CommandFailed when it cannot be read or is longer
 */
export async function readBounded(path: string, bytesMax: number): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
        bytes += part.length;
        if (bytes > bytesMax) {
          throw new CommandFailed(`${path} is longer than ${bytesMax} bytes; is it the right file?`);
        }
        parts.push(part);
      }
      return Buffer.concat(parts);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new CommandFailed(`cannot read ${path}: ${WHY[code] ?? code}`);
  }
}
