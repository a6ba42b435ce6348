import { z } from "zod";

/**
 * What `${NAME}` puts into the apply file, and what a query gives, is text whatever it looks like, so that no id and no
 * secret turns into a number. So a field that is no text reads its value out of one; any other text stays text, and is
 * refused as that.
 */

/** Decimal digits alone: Number() would take a blank, 0x10 and 1e2, too. */
export function digitsOr<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (given) => (typeof given === "string" && /^\d{1,15}$/.test(given) ? Number(given) : given),
    schema,
  );
}

/** @param values what each word stands for */
export function wordsOr<Schema extends z.ZodType>(values: Readonly<Record<string, unknown>>, schema: Schema) {
  return z.preprocess(
    (given) => (typeof given === "string" && Object.hasOwn(values, given) ? values[given] : given),
    schema,
  );
}
