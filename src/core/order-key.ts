/** How people name an order, to compare: a leading `#` and case do not count. */
export function orderKey(text: string): string {
  return text.trim().replace(/^#/, "").toLowerCase();
}
