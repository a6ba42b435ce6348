import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { fakeCli } from "./fake-cli.ts";

test("regression: a machine whose clock began in 1970 took webhooks that were out of time when it was set", async () => {
  const begun: string[] = [];
  const serve = async (database: string, now: number) => {
    const { cli, err } = fakeCli({ env: { RELAY_DATABASE: database } });
    const startService = (): never => {
      begun.push(database);
      throw new Error("no further");
    };
    const code = await run(["serve"], { ...cli, clock: { ...cli.clock, now: () => now }, startService });
    return { code, err: err() };
  };
  const { code, err } = await serve("relay.db", 345_600_000);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^relay: this machine's clock says 1970-01-05T00:00:00\S+, and [^\n]+ by NTP, then start again\n$/,
  );
  await serve("relay.db", Date.UTC(2026, 10, 3));
  // All relays there go by the database's clock.
  await serve("postgres://relay@127.0.0.1/relay", 345_600_000);
  expect(begun).toEqual(["relay.db", "postgres://relay@127.0.0.1/relay"]);
});
