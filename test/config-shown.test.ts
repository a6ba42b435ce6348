import { describe, expect, test } from "vitest";
import { alertAddress, describeConfig, readConfig } from "../src/config.ts";

const NO_FILE = "/nowhere/.env";

describe("bug: an alert address with its key behind a ? was refused as no base, and lost its last slash", () => {
  test.each(["https://chat.example/v1/messages?key=MARKED&token=MARKED", "https://alerts.example/in/"])(
    "%s",
    (url) => {
      const config = readConfig({ RELAY_ALERT_URL: url, RELAY_ALERT_FORMAT: "slack" }, NO_FILE);
      expect(alertAddress(config)?.url).toBe(url);
      expect(JSON.stringify(describeConfig(config))).not.toContain("MARKED");
    },
  );
});

test("Slack's form needs no secret, and its address, which is a key, is not shown", () => {
  const url = "https://hooks.slack.example/services/T0/B0/MARKED";
  const config = readConfig({ RELAY_ALERT_URL: url, RELAY_ALERT_FORMAT: "slack" }, NO_FILE);
  expect(alertAddress(config)).toEqual({ url, format: "slack", secret: null });
  expect(describeConfig(config)).toContainEqual({
    ...{ name: "RELAY_ALERT_URL", value: "https://hooks.slack.example/********", source: "environment" },
  });
  expect(alertAddress(readConfig({}, NO_FILE))).toBeNull();
});

test("secrets are shown only as set", () => {
  const secret = "MARKED-SECRET-0123456789-0123456789";
  const shown = describeConfig(readConfig({ RELAY_ADMIN_TOKEN: secret }, NO_FILE));
  expect(JSON.stringify(shown)).not.toContain("MARKED");
  expect(shown).toContainEqual({ name: "RELAY_ADMIN_TOKEN", value: "********", source: "environment" });
});

describe("bug: a database's password was shown where it has an @ of its own, or stands in the query", () => {
  test.each([
    ["postgres://relay:MARKED@MARKED@db/ledger", "postgres://relay:********@db/ledger"],
    ["postgres://re@lay:MARKED@db:5432/a@b", "postgres://re@lay:********@db:5432/a@b"],
    ["postgres://relay@db:5432/a@b", "postgres://relay@db:5432/a@b"],
    ["postgres://db/ledger?user=relay&password=MARKED", "postgres://db/ledger?user=relay&password=********"],
    ["postgres://db/ledger?sslpassword=MARKED", "postgres://db/ledger?sslpassword=********"],
    ["postgres:///ledger?password=MARKED&host=/run", "postgres:///ledger?password=********&host=/run"],
  ])("%s", (RELAY_DATABASE, value) => {
    const shown = describeConfig(readConfig({ RELAY_DATABASE }, NO_FILE));
    expect(shown).toContainEqual({ name: "RELAY_DATABASE", value, source: "environment" });
  });
});
