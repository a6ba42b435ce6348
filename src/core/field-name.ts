// What the name of a field says of the number in it.

/** `orderId`, `order-id` and `order_id` alike. */
export function wordsOf(key: string | null): string {
  return (key ?? "")
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}

export function isPhoneKey(key: string | null): boolean {
  return /phone|mobile|cell|whatsapp|contact_number|(?:^|_)tel(?:$|_)/.test(wordsOf(key));
}

/** Values under these are numbers of something else, however much they look like a phone's. */
export function isOtherNumberKey(key: string | null): boolean {
  return !isPhoneKey(key) && OTHER_NUMBER.test(wordsOf(key));
}

const OTHER_NUMBER =
  /(?:^|_)(?:id|ids|sn|no|number|seq|code|sku|barcode|price|amount|amt|total|subtotal|tax|taxes|charges|fee|sum|qty|quantity|num|weight|time|date|at|token|hash|key|sign|url|ip|zip|latitude|longitude|version)$|^order_name$/;

const KEY_CHARS_MAX = 60;

/** @returns the name of what stands at `index`, in JSON that was cut off and in forms */
export function keyBefore(text: string, index: number): string | null {
  const before = text.slice(Math.max(0, index - KEY_CHARS_MAX), index);
  return /([\w-]+)[\\"']*\s*[:=]\s*[\\"']*$/.exec(before)?.[1] ?? null;
}
