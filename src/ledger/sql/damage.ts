/** A packed column that no longer inflates (zlib's Z_DATA_ERROR and its kin), or to another text than was packed. */
export function isDamaged(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^Z_|^ERR_BUFFER_TOO_LARGE$/.test(code);
}

/** For what must not stand in the way of all else. @returns null when it is damaged */
export function unlessDamaged<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (isDamaged(error)) return null;
    throw error;
  }
}

/** What an operator reads in the place of a text that is damaged. */
export const DAMAGED_TEXT = "damaged in the ledger: it can no longer be read";
