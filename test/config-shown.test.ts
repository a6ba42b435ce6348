import { expect, test } from "vitest";
import { describeConfig, readConfig } from "../src/config.ts";

test.each([
  "postgres://relay:half@MARKED@db.example/relay",
  "postgres://relay@db.example/relay?sslmode=require&password=MARKED",
])("bug: of the database's password a part was shown: %s", (RELAY_DATABASE) => {
  const shown = describeConfig(readConfig({ RELAY_DATABASE }, "no .env"));
  expect(JSON.stringify(shown)).not.toContain("MARKED");
  expect(shown[0]?.value).toContain("db.example/relay");
});
