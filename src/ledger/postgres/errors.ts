import { RelayError } from "../../core/errors.ts";
import { isDamaged } from "../sql/damage.ts";

const LOGIN = "the server refuses the login: check the user and password in RELAY_DATABASE";
/** Somebody has changed, renamed or dropped what is asked for: a relay asks nothing that it has not made. */
const NOT_AS_MADE =
  "its tables or indexes are not as the relay made them: put back what was changed there, or a backup, and check the user's search_path";
/** PgBouncer and its like, where a transaction or a statement is on another session than the one before. */
const POOLER =
  "the address leads to a pooler that changes sessions: let it lead to the server, or set the pooler to session pooling";

/**
 * What to do about each family of PostgreSQL's error codes
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const ADVICE: readonly (readonly [prefix: string, advice: string])[] = [
  ["ETIMEDOUT", "the server does not answer: look at its load, and at the host and port in RELAY_DATABASE"],
  ["08007", "no standby has confirmed the commit: check synchronous_standby_names and the standbys"],
  ["08", "the connection failed: check that the server runs and can be reached"],
  ["25006", "it is read-only: after a failover the address must lead to the new primary"],
  ["25P03", "this relay stood still in the middle of a transaction, which the server has ended: try again"],
  ["25P04", "a transaction took too long and was ended: try again, and look at the server's load"],
  // A prepared statement that another client has made there, or made elsewhere.
  ["26000", POOLER],
  ["42P05", POOLER],
  ["28", LOGIN],
  ["3D000", "the server has no such database: create it, or check RELAY_DATABASE"],
  ["3F000", "the user's search_path leads to no schema: create that one, or change the search_path"],
  [
    "42501",
    "the user may not do this: make it the database's owner, or give it the rights to its schema and tables",
  ],
  // No such table, column, function or other thing; no unique index for ON CONFLICT.
  ["42P01", NOT_AS_MADE],
  ["42703", NOT_AS_MADE],
  ["42883", NOT_AS_MADE],
  ["42704", NOT_AS_MADE],
  ["42P10", NOT_AS_MADE],
  ["53100", "the server's disk is full: free some space; nothing already accepted is lost"],
  ["53300", "the server has no connection left: raise max_connections, or run fewer relays"],
  ["53", "the server is out of resources: look at its log"],
  ["55000", "the database takes no connections: whoever works on it opens it again by ALLOW_CONNECTIONS"],
  ["55P03", "something holds a lock for too long: look at pg_stat_activity"],
  ["57014", "a statement took too long and was ended: look at the server's load"],
  ["57P", "the server is stopping, starting or taking over: it is tried again by itself"],
  ["58", "the server's disk failed to read or write: look at its log"],
  ["XX001", "the database is damaged: look at the server's log"],
  ["XX002", "an index of the database is damaged: look at the server's log"],
  ["XX", "the server or a pooler before it failed inside: look at the log of each"],
];

/** Of Node's sockets, and of pg where it has no code. */
const LOST = /^(?:E(?:CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_)|ENOTFOUND$|EAI_)/;
const LOST_WORDS = /^(?:Connection terminated|timeout expired|Client (?:has|was)|Cannot use a pool)/;
/** Of the pool's. */
const ALL_LENT = "timeout exceeded when trying to connect";
/** Of PgBouncer, which calls all that it refuses a fault of the protocol. */
const STATEMENT_POOLING = /\bstatement pooling mode$/;
const REFUSED_PARAMETER = /^unsupported startup parameter: ([a-z_]+)$/;
/** Of a database that cannot hold every letter. */
export const NOT_UTF8 = "the database's encoding is not UTF8: create another, in UTF8";
const NO_SUCH_LETTER = /^character with byte sequence .* has no equivalent in encoding /;
/** Of pg, where the server wants a password and the address has none, or is not who it says it is. */
const NO_LOGIN = "SASL: ";
const NO_TLS = "The server does not support SSL connections";
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

/**
 * What a caller is to see: trouble with the server becomes `ledger_unavailable` with what to do; a refusal of our own and
 * a bug (a broken constraint, wrong SQL) stay what they are.
 *
 * @param name of the ledger, as `ledgerPlace` has it
 */
export function asLedgerError(error: unknown, name: string): Error {
  if (!(error instanceof Error)) return new Error("no Error was thrown", { cause: error });
  const advice = error instanceof RelayError ? null : adviceOf(error);
  if (advice === null) return error;
  return new RelayError("ledger_unavailable", `the ledger ${name} cannot be used now: ${advice}`, {
    cause: error,
  });
}

/** Whether another relay's transaction was in the way: in a later one the same may go through. */
export function mayPassNextTime(error: unknown): boolean {
  return ["40001", "40P01", "23505"].includes(codeOf(error));
}

/** Whether it failed by the connection it was asked on, and not by what was asked. */
export function needsNewClient(error: unknown): boolean {
  // Read-only: after a failover the address leads elsewhere. The others: statements it had prepared are of no more use.
  return ["25006", "0A000", "26000"].includes(codeOf(error));
}

/** Whether it waited too long, for a lock or at work: what comes after it in its transaction has waited with it. */
export function waitedTooLong(error: unknown): boolean {
  return ["55P03", "57014"].includes(codeOf(error));
}

function adviceOf(error: Error): string | null {
  const code = codeOf(error);
  // Two transactions in each other's way, again and again.
  if (code === "40001" || code === "40P01") return "other relays write the same: try again";
  if (STATEMENT_POOLING.test(error.message)) return POOLER;
  if (NO_SUCH_LETTER.test(error.message)) return NOT_UTF8;
  const refused = REFUSED_PARAMETER.exec(error.message)?.[1];
  if (refused !== undefined) {
    return `a pooler before the server refuses ${refused}: name it in its ignore_startup_parameters`;
  }
  const found = ADVICE.find(([prefix]) => code.startsWith(prefix));
  if (found !== undefined && code !== "") return found[1];
  if (isDamaged(error)) return "a stored value is damaged: put a backup in its place";
  if (CERTIFICATE.test(code))
    return `its certificate is not trusted (${code}): check sslmode and sslrootcert`;
  if (error.message.startsWith(NO_LOGIN)) return LOGIN;
  if (error.message === NO_TLS) return "the server offers no TLS: turn it on there, or check sslmode";
  if (error.message === ALL_LENT) return "all its connections are at work: try again in a moment";
  if (LOST.test(code) || LOST_WORDS.test(error.message)) {
    return "the server cannot be reached: check that it runs, and the host and port in RELAY_DATABASE";
  }
  return null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
