import type { IncomingMessage } from "node:http";
import type { Request } from "express";

/** What the routes need to know of a request, each with one spelling. */

/** A path parameter, decoded. */
export function pathParameter(req: Request, name: string): string {
  const value = req.params[name];
  return typeof value === "string" ? value : "";
}

/** The address without its query. */
export function pathOf(req: IncomingMessage): string {
  const address = req.url ?? "";
  const mark = address.indexOf("?");
  return mark === -1 ? address : address.slice(0, mark);
}

/** What no browser shows to a person. */
export function isForPrograms(req: IncomingMessage): boolean {
  const path = pathOf(req);
  return path.startsWith("/api/") || path === "/metrics";
}

/** The query string without its `?`. */
export function queryOf(req: IncomingMessage): string {
  const address = req.url ?? "";
  const mark = address.indexOf("?");
  return mark === -1 ? "" : address.slice(mark + 1);
}

/** Lower-case names; values of a repeated header joined by `, `. */
export function headersOf(req: IncomingMessage): Record<string, string> {
  const entries = Object.entries(req.headers).map(([name, value = ""]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return Object.fromEntries(entries);
}

/** One cookie's value, or null. */
export function cookieOf(req: IncomingMessage, name: string): string | null {
  for (const pair of (req.headers.cookie ?? "").split(";")) {
    const [key, value] = pair.split("=", 2);
    if (key?.trim() === name && value !== undefined) return value.trim();
  }
  return null;
}
