import { cleanLine } from "./text.ts";

/**
 * To compare what people type: capitals, invisible characters, full-width letters (１００１, as East Asian keyboards
 * write them) and how an accent is composed do not count.
 */
export function folded(text: string): string {
  return cleanLine(text.normalize("NFKC")).toLowerCase();
}

/** How people name an order, to compare: a leading `#` does not count, either. */
export function orderKey(text: string): string {
  return folded(text).replace(/^#\s*/, "");
}

/** How a store may call the order that people mean by this, the likeliest first: capitals are the store's. */
export function orderNamesOf(typed: string): [asTyped: string, bare: string, numbered: string] {
  const bare = cleanLine(typed.normalize("NFKC")).replace(/^#\s*/, "");
  return [typed, bare, `#${bare}`];
}
