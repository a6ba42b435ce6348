/** Where a ledger is, as RELAY_DATABASE says it. */
export type LedgerPlace =
  | { kind: "sqlite"; path: string; name: string; keyPath: string }
  | { kind: "postgres"; url: string; name: string; keyPath: string };

/** Without a server's folder to stand in, the key file is where SQLite's would be. */
const KEY_PATH = "data/relay";

const POSTGRES = /^postgres(ql)?:\/\//;
/** What is meant for one. As the path of a file its password would be in every message about it. */
const LIKE_POSTGRES = /^postgres(ql)?:/i;
const MUST_BE = "must be the path of a SQLite file, or postgres://user:password@host:port/database";
/** As libpq takes them, and pg does not. A comma before the `@` is the user's or the password's. */
const SEVERAL_HOSTS = /^[a-z]+:\/\/[^/?#]*,[^/?#@]*(?:[/?#]|$)|[?&]host=[^&]*(?:,|%2c)/i;

/**
 * `name` is for people: of an address nothing of the user, and no password. The key file stands beside `keyPath`.
 * @param database a path, or an address that begins with `postgres://` or `postgresql://`
 */
export function ledgerPlace(database: string): LedgerPlace {
  if (!POSTGRES.test(database)) return { kind: "sqlite", path: database, name: database, keyPath: database };
  return { kind: "postgres", url: database, name: nameOf(new URL(database)), keyPath: KEY_PATH };
}

/** @returns null when it is a path, or an address that can be used */
export function databaseProblem(database: string): string | null {
  // SQLite's driver leaves such spaces out: the ledger would stand beside what is made and guarded under its name.
  if (database.trim() !== database) return "must not begin or end with a space";
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(database) && !LIKE_POSTGRES.test(database)) return null;
  if (!POSTGRES.test(database)) return MUST_BE;
  if (SEVERAL_HOSTS.test(database)) {
    return "must name one host: of several servers a name, or a balancer, that leads to the one that can write";
  }
  if (!URL.canParse(database)) return MUST_BE;
  const { pathname } = new URL(database);
  if (pathname.length <= 1) return "must name the database: postgres://user:password@host:port/database";
  return isEncoded(pathname) ? null : "must have each % in the name of the database written as %25";
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== "";
  } catch {
    return false;
  }
}

function nameOf({ hostname, port, pathname, searchParams }: URL): string {
  const host = hostname === "" ? (searchParams.get("host") ?? "localhost") : hostname;
  return `postgres://${host}:${port === "" ? "5432" : port}${pathname}`;
}
