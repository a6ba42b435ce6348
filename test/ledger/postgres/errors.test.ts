import { describe, expect, test } from "vitest";
import { RelayError } from "../../../src/core/errors.ts";
import { asLedgerError } from "../../../src/ledger/postgres/errors.ts";

const NAME = "postgres://db.example:5432/relay";
const failed = (code: string | null, message = "it failed"): Error =>
  Object.assign(new Error(message), code === null ? {} : { code });

describe("what PostgreSQL's errors become", () => {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  test.each([
    ["connection_exception", "08000", "check that the server runs"],
    ["connection_failure", "08006", "check that the server runs"],
    ["protocol_violation", "08P01", "check that the server runs"],
    ["read_only_sql_transaction", "25006", "read-only"],
    ["idle_in_transaction_session_timeout", "25P03", "try again"],
    ["invalid_authorization_specification", "28000", "refuses the login"],
    ["invalid_password", "28P01", "refuses the login"],
    ["invalid_catalog_name", "3D000", "no such database"],
    ["serialization_failure", "40001", "other relays"],
    ["deadlock_detected", "40P01", "other relays"],
    ["invalid_sql_statement_name", "26000", "session pooling"],
    ["duplicate_prepared_statement", "42P05", "session pooling"],
    ["insufficient_privilege", "42501", "rights"],
    ["insufficient_resources", "53000", "out of resources"],
    ["disk_full", "53100", "disk is full"],
    ["out_of_memory", "53200", "out of resources"],
    ["too_many_connections", "53300", "max_connections"],
    ["lock_not_available", "55P03", "holds a lock"],
    ["query_canceled", "57014", "took too long"],
    ["admin_shutdown", "57P01", "by itself"],
    ["crash_shutdown", "57P02", "by itself"],
    ["cannot_connect_now", "57P03", "by itself"],
    ["io_error", "58030", "disk failed"],
    ["data_corrupted", "XX001", "damaged"],
    // Bugs: each was a 500 without Retry-After. A database with ALLOW_CONNECTIONS false; PostgreSQL 17's; a pooler's.
    ["object_not_in_prerequisite_state", "55000", "takes no connections"],
    ["transaction_timeout", "25P04", "try again"],
    ["index_corrupted", "XX002", "damaged"],
    ["invalid_schema_name", "3F000", "search_path"],
    ["internal_error", "XX000", "failed inside"],
    // Bugs: likewise, and no alert. A dropped table, a renamed column, a dropped function, type or index.
    ["undefined_table", "42P01", "not as the relay made them"],
    ["undefined_column", "42703", "not as the relay made them"],
    ["undefined_function", "42883", "not as the relay made them"],
    ["undefined_object", "42704", "not as the relay made them"],
    ["invalid_column_reference", "42P10", "not as the relay made them"],
  ])("%s (%s)", (_name, code, advice) => {
    const cause = failed(code);
    const error = asLedgerError(cause, NAME);
    expect(error).toBeInstanceOf(RelayError);
    expect(error).toMatchObject({ code: "ledger_unavailable", cause });
    expect(error.message).toMatch(/^the ledger postgres:\/\/db\.example:5432\/relay cannot be used now: /);
    expect(error.message).toContain(advice);
  });

  test.each([
    ["ECONNREFUSED", "cannot be reached"],
    ["ECONNRESET", "cannot be reached"],
    ["EPIPE", "cannot be reached"],
    ["EHOSTUNREACH", "cannot be reached"],
    ["ENETUNREACH", "cannot be reached"],
    ["ENOTFOUND", "cannot be reached"],
    ["EAI_AGAIN", "cannot be reached"],
    ["ETIMEDOUT", "does not answer"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate is not trusted"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate is not trusted"],
    ["CERT_HAS_EXPIRED", "certificate is not trusted"],
  ])("of a socket: %s", (code, advice) => {
    const error = asLedgerError(failed(code), NAME);
    expect(error).toMatchObject({ code: "ledger_unavailable" });
    expect(error.message).toContain(advice);
  });

  test("bug: a database whose encoding is not UTF8 was called a bug of the relay", () => {
    const said =
      'character with byte sequence 0xe2 0x80 0xa6 in encoding "UTF8" has no equivalent in encoding "LATIN1"';
    expect(asLedgerError(failed("22P05", said), NAME).message).toContain("create another, in UTF8");
  });

  // As PgBouncer 1.18 says it.
  test.each([
    ["transaction blocks not allowed in statement pooling mode", "session pooling"],
    ["unsupported startup parameter: lock_timeout", "lock_timeout: name it in its ignore_startup_parameters"],
  ])("of a pooler: %s", (said, advice) => {
    expect(asLedgerError(failed("08P01", said), NAME).message).toContain(advice);
  });

  test("a refusal of our own, and a bug, stay what they are", () => {
    const own = [
      new RelayError("not_found", "there is no such thing"),
      new TypeError("a bug"),
      ...["23505", "23503", "42601", "42804", "22P02", "25P02"].map((code) => failed(code)),
    ];
    for (const error of own) expect(asLedgerError(error, NAME)).toBe(error);
  });

  test("what is no error is told as one", () => {
    expect(asLedgerError("a text", NAME)).toMatchObject({ cause: "a text" });
  });
});
