import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { fakeCli } from "./fake-cli.ts";

/** One line on stderr, nothing on stdout: what a script can rely on when a command fails. */
async function failure(argv: string[], env: Record<string, string> = {}): Promise<[number, string]> {
  const { cli, out, err } = fakeCli({ env });
  const code = await run(argv, cli);
  expect(out()).toBe("");
  expect(err()).toMatch(/^relay: [^\n]+\n$/);
  return [code, err().slice("relay: ".length, -1)];
}

describe("wrong usage is exit 2, in one line that names the help to read", () => {
  test.each([
    [[], "say which command; see: relay --help"],
    [["deliveries"], "say which command; see: relay deliveries --help"],
    [["delivries"], "unknown command 'delivries' (Did you mean deliveries?); see: relay --help"],
    [
      ["deliveries", "list", "--stat", "dead"],
      "unknown option '--stat' (Did you mean --state?); see: relay deliveries list --help",
    ],
    [
      ["deliveries", "list", "--limit", "201"],
      "option '--limit <count>' argument '201' is invalid. Give a whole number from 1 to 200; see: relay deliveries list --help",
    ],
    [
      ["deliveries", "reprint", "01JD0000000000000000000000"],
      "required option '--reason <text>' not specified; see: relay deliveries reprint --help",
    ],
    [["deliveries", "show"], "missing required argument 'id-or-order'; see: relay deliveries show --help"],
    [
      ["config", "extra"],
      "too many arguments for 'config'. Expected 0 arguments but got 1: extra; see: relay config --help",
    ],
    [["goodcom", "fake", "--times", "3"], "--times needs --fault; see: relay goodcom fake --help"],
    [
      ["webhook", "send", "fastpod", "package.json", "--store", "tee-shop"],
      "a fastpod webhook carries its token in the address: give --token; see: relay webhook send --help",
    ],
  ])("%j", async (argv, message) => {
    expect(await failure(argv)).toEqual([2, message]);
  });

  test.each([["shopify"], ["constructor"]])("no platform %s", async (platform) => {
    const [code, message] = await failure(["ticket", "preview", platform, "body.json"]);
    expect(code).toBe(2);
    expect(message).toContain("Give one of shopline, shoplazza, fastpod; see: ");
  });
});

describe("failure is exit 1, in one line that says what to do", () => {
  test("bad settings, all of them", async () => {
    const env = { RELAY_PORT: "http", RELAY_DATABSE: "x" };
    const [code, message] = await failure(["config"], env);
    expect(code).toBe(1);
    expect(message).toMatch(/^bad settings: RELAY_DATABSE is not a setting.*; RELAY_PORT /);
  });

  test("no such file", async () => {
    expect(await failure(["apply", "/nonexistent/shop.yaml"])).toEqual([
      1,
      "cannot read /nonexistent/shop.yaml: there is no such file",
    ]);
  });

  test("a folder is no file", async () => {
    expect(await failure(["ticket", "preview", "shopline", "/"])).toEqual([
      1,
      "cannot read /: it is a folder",
    ]);
  });

  test("what nobody foresaw is called a bug", async () => {
    expect(await failure(["stores", "list"])).toEqual([
      1,
      "no ledger here; this is a bug: RELAY_LOG_LEVEL=debug shows where",
    ]);
  });
});

describe("help", () => {
  test("relay help was an unknown command", async () => {
    const one = fakeCli();
    expect(await run(["help"], one.cli)).toBe(0);
    const same = fakeCli();
    await run(["--help"], same.cli);
    expect([one.out(), one.err()]).toEqual([same.out(), ""]);
    const deeper = fakeCli();
    expect(await run(["help", "prune"], deeper.cli)).toBe(0);
    expect(deeper.out()).toMatch(/^Usage: relay prune \[options\]\n/);
  });

  test("goes to stdout, exit 0, and names each command", async () => {
    const { cli, out, err } = fakeCli();
    expect(await run(["--help"], cli)).toBe(0);
    expect(err()).toBe("");
    const offered = [...out().matchAll(/^ {2}([a-z][a-z-]*)\b/gm)].map((match) => match[1]);
    expect(offered).toEqual([
      ...["serve", "demo", "apply", "config", "doctor", "stores", "printers", "deliveries"],
      ...["webhooks", "alerts", "ticket", "webhook", "goodcom"],
      ...["subscribe", "reconcile", "cancel", "prune", "forget", "backup", "migrate-ledger", "keys", "help"],
    ]);
  });

  test.each(
    [
      ["deliveries", "list"],
      ["deliveries", "show"],
      ["deliveries", "redrive"],
      ["deliveries", "reprint"],
      ["webhooks", "list"],
      ["webhooks", "show"],
      ["webhooks", "replay"],
      ["stores", "list"],
      ["printers", "list"],
      ["printers", "test"],
      ["ticket", "preview"],
      ["webhook", "send"],
      ["goodcom", "fake"],
      ["apply"],
      ["config"],
      ["doctor"],
      ["subscribe"],
      ["reconcile"],
      ["cancel"],
    ].map((words) => [words]),
  )("%j prints, and so has --json", async (words) => {
    const { cli, out } = fakeCli();
    expect(await run([...words, "--help"], cli)).toBe(0);
    expect(out()).toContain(`Usage: relay ${words.join(" ")}`);
    expect(out()).toContain("--json");
  });

  test("the version is package.json's", async () => {
    const { cli, out } = fakeCli();
    expect(await run(["--version"], cli)).toBe(0);
    expect(out()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
