const ROWS = 5;
const COLUMNS = 3;
/** Columns between two digits: two, as a zero has a hole of one; one where the number would not fit otherwise. */
const GAPS = [2, 1] as const;

/** The least in which no digit is taken for another. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  "0": ["###", "# #", "# #", "# #", "###"],
  "1": [" # ", "## ", " # ", " # ", "###"],
  "2": ["###", "  #", "###", "#  ", "###"],
  "3": ["###", "  #", "###", "  #", "###"],
  "4": ["# #", "# #", "###", "  #", "  #"],
  "5": ["###", "#  ", "###", "  #", "###"],
  "6": ["###", "#  ", "###", "# #", "###"],
  "7": ["###", "  #", "  #", "  #", "  #"],
  "8": ["###", "# #", "###", "# #", "###"],
  "9": ["###", "# #", "###", "  #", "###"],
};

/**
 * An order's number for plain text, which has no large letters: each digit drawn with itself, so that it is read
 * from across the kitchen and cannot be misread close by.
 *
 * @returns no rows where the order is not a number (`#` in front is allowed) or is too wide
 */
export function bigDigits(order: string, columns: number): string[] {
  const digits = /^#? ?(\d+)$/.exec(order)?.[1] ?? "";
  const gap = GAPS.find((one) => digits.length * (COLUMNS + one) - one <= columns);
  if (digits === "" || gap === undefined) return [];
  return Array.from({ length: ROWS }, (_, row) =>
    Array.from(digits, (digit) => (SHAPES[digit]?.[row] ?? "").replaceAll("#", digit)).join(" ".repeat(gap)),
  );
}
