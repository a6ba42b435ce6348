/** Text as XML: nothing in it can be markup. */
export function xml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${String(char.charCodeAt(0))};`);
}
