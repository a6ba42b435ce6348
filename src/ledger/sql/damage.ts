/** A packed column that no longer inflates: zlib's Z_DATA_ERROR and its kin. */
export function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^Z_|^ERR_BUFFER_TOO_LARGE$/.test(code);
}
