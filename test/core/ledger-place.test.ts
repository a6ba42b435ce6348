import { expect, test } from "vitest";
import { databaseProblem, ledgerPlace } from "../../src/core/ledger-place.ts";

test("a path is a file of SQLite's, with its key beside it", () => {
  expect(ledgerPlace("data/relay.db")).toEqual({
    kind: "sqlite",
    path: "data/relay.db",
    name: "data/relay.db",
    keyPath: "data/relay.db",
  });
});

test.each([
  ["postgres://relay:MARKED@db.example/shop", "postgres://db.example:5432/shop"],
  ["postgresql://db.example:6432/shop?sslmode=verify-full", "postgres://db.example:6432/shop"],
  [
    "postgres:///shop?user=relay&password=MARKED&host=/run/postgresql",
    "postgres:///run/postgresql:5432/shop",
  ],
])("the address %s is told without its user and password", (address, name) => {
  expect(databaseProblem(address)).toBeNull();
  expect(ledgerPlace(address)).toEqual({ kind: "postgres", url: address, name, keyPath: "data/relay" });
});

test.each(["mysql://db/x", "https://db/x", "postgres://", "postgres://db", "postgres://db:99999/x"])(
  "%s is no address of a ledger",
  (address) => expect(databaseProblem(address)).not.toBeNull(),
);

test.each([" relay.db", "relay.db ", " ", "\trelay.db"])(
  "bug: of %j the driver left the spaces out, and a ledger that others could read stood beside the one that was guarded",
  (path) => expect(databaseProblem(path)).toBe("must not begin or end with a space"),
);

test.each(["relay.db", "/var/lib/relay.db", "C:\\relay\\relay.db", "sqlite.db"])("%s is a path", (path) => {
  expect(databaseProblem(path)).toBeNull();
  expect(ledgerPlace(path).kind).toBe("sqlite");
});

test.each(["postgres:relay:MARKED@db/relay", "Postgresql:/relay:MARKED@db/relay"])(
  "bug: %s was the path of a file, and its password in every message about it",
  (address) =>
    expect(databaseProblem(address)).toMatch(/^must be the path of a SQLite file, or postgres:\/\//),
);
