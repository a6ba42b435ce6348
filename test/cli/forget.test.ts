import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

const PHONE = "0987600123";
const EMAIL = "marked-buyer@example.com";
const MARKED = /0?987[ -]?600[ -]?123|marked-buyer|Markedfirst/i;
const BUYER = {
  email: EMAIL,
  phone: PHONE,
  shipping_address: { name: "Markedfirst Markedlast", phone: "+886 987-600-123", city: "Markedtown" },
};

let house: House;
let serviceRuns: boolean;
beforeEach(async () => {
  house = await createHouse();
  serviceRuns = true;
});
afterEach(() => house.close());

interface Ran {
  code: number;
  out: string;
  err: string;
}
interface How {
  terminal?: boolean;
  /** What is typed when it asks; none: nobody sits there. */
  answer?: string;
}

/** Begins one command on the house's ledger; its pauses pass with the house's clock. */
function begin(argv: string[], { terminal = false, answer }: How) {
  const fake = fakeCli({ kit: kitOn(house, { serviceRunning: () => Promise.resolve(serviceRuns) }) });
  if (terminal) Object.assign(fake.cli.stderr, { isTTY: true, columns: 80 });
  const asked: string[] = [];
  const ask: Cli["ask"] =
    answer === undefined
      ? null
      : (question) => {
          asked.push(question);
          return Promise.resolve(answer);
        };
  const running = run(argv, { ...fake.cli, ask, clock: house.clock });
  const ran: Promise<Ran> = running.then((code) => ({ code, out: fake.out(), err: fake.err() }));
  return { ran, asked, signal: fake.signal };
}

async function relay(argv: string[], how: How = {}): Promise<Ran & { asked: string[] }> {
  const { ran, asked } = begin(argv, how);
  await house.clock.advance(3_000);
  return { ...(await ran), asked };
}

async function tickets(...ids: string[]): Promise<string> {
  const found = await Promise.all(ids.map((id) => house.ledger.findDelivery(id)));
  return JSON.stringify(found);
}

/** Two orders of the buyer at one store, one at another, and somebody else's. */
async function orders(): Promise<{ first: string; second: string; elsewhere: string; other: string }> {
  const first = await house.cancel("1001", BUYER);
  const second = await house.cancel("1002", { customer: { area_code: "+886", phone: "987600123" } });
  const cancelled_at = new Date(house.clock.now()).toISOString();
  const receipt = await house.webhook("cocktails", { id: "77", name: "#77", cancelled_at, ...BUYER });
  const other = await house.cancel("1003", { phone: "0911222333" });
  return { first, second, elsewhere: receipt.kind === "kept" ? (receipt.delivery_id ?? "") : "", other };
}

describe("what is no such command", () => {
  test.each([
    [[], /say whom: <store> <order>, or --phone <number> or --email <address>/],
    [["noodle-bar"], /say whom/],
    [["--store", "noodle-bar"], /say whom/],
    [["noodle-bar", "1001", "--phone", PHONE], /say whom/],
    [["noodle-bar", "1001", "--store", "bar"], /say whom/],
    [["noodle-bar", "#"], /order's id or name is empty/],
    [["noodle-bar", "\u202e"], /order's id or name is empty/],
    [["--phone", "0-98-76"], /7 to 17 digits/],
    [["--phone", "marked-buyer"], /7 to 17 digits/],
    [["--email", "marked-buyer"], /the e-mail has to be a whole one/],
    [["--list", "noodle-bar"], /--list shows all/],
    [["--list", "--email", EMAIL], /--list shows all/],
    [["--list", "--dry-run"], /cannot be used with option/],
    [["noodle-bar", "1001", PHONE], /say whom/],
    [["--phone", "0987", "600", "123"], /what has spaces in quotes/],
    [[`--mail=${EMAIL}`], /an option is not known/],
    [["noodle-bar", "--dryrun"], /an option is not known/],
    [["--phone"], /argument missing/],
  ])("%j", async (argv, words) => {
    const { code, out, err } = await relay(["forget", ...argv]);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(words)]);
    expect(err.trimEnd()).not.toContain("\n");
    expect(err).not.toMatch(MARKED);
  });
});

test("a dry run counts and erases nothing", async () => {
  const { first, second, elsewhere } = await orders();
  const before = await tickets(first, second, elsewhere);
  const { code, out, err } = await relay(["forget", "--phone", PHONE, "--dry-run"]);
  expect([code, out, err]).toEqual([0, "would erase the buyer of 3 deliveries\n", ""]);
  const json = await relay(["forget", "--phone", PHONE, "--store", "noodle-bar", "--dry-run", "--json"]);
  expect(JSON.parse(json.out)).toEqual({ dry_run: true, deliveries: 2, webhooks: 0 });
  expect(await tickets(first, second, elsewhere)).toBe(before);
  expect(await house.ledger.listErasures(9)).toEqual([]);
});

test.each([
  [["noodle-bar", "#1001"], 1],
  [["noodle-bar", "1001"], 1],
  [["--email", EMAIL.toUpperCase()], 2],
  [["--phone", "+886 (987) 600-123"], 3],
  [["--phone", PHONE, "--store", "noodle-bar"], 2],
])("%j erases %i, and says what stays", async (whom, many) => {
  const { first, second, elsewhere, other } = await orders();
  const { code, out, err, asked } = await relay(["forget", ...whom, "--yes"], { answer: "n" });
  expect([code, err, asked]).toEqual([0, "", []]);
  expect(out).toBe(
    `erased the buyer of ${many === 1 ? "1 delivery" : `${many} deliveries`}; their dedupe keys stay, so the same ` +
      "webhook again is a duplicate; paper that is printed and backups made before are not reached\n",
  );
  const details = await Promise.all(
    [first, second, elsewhere, other].map((id) => house.ledger.findDelivery(id)),
  );
  const forgotten = details.filter((detail) => detail?.delivery.forgotten_at !== null);
  expect(forgotten).toHaveLength(many);
  expect(JSON.stringify(forgotten)).not.toMatch(MARKED);
  expect(JSON.stringify(forgotten)).toContain('"by":"cli ana"');
  const otherTicket = details[3]?.delivery.ticket;
  expect(otherTicket?.buyer.phone).toBe("0911222333");
  const shown = await relay(["deliveries", "show", first]);
  expect(shown.out).toMatch(/^forgotten {2}the buyer's data was erased on \d{4}-\d\d-\d\d .* UTC$/m);
  // The same order once more is what it was.
  expect(
    await house.webhook("noodle-bar", { id: "1001", cancelled_at: "2026-11-01", ...BUYER }),
  ).toMatchObject({ status: "duplicate", delivery_id: first });
});

test("it asks, with what would go, and takes no for an answer", async () => {
  const { first } = await orders();
  await house.webhook("noodle-bar", { id: "9", name: "#9", ...BUYER });
  const no = await relay(["forget", "--phone", PHONE], { answer: "", terminal: true });
  expect([no.code, no.out]).toEqual([1, ""]);
  expect(no.err).toBe(
    "looking through the ledger; nothing is erased yet\n" +
      "relay: nothing was erased; say y, or give --yes, to erase it\n",
  );
  expect(no.asked).toEqual(["Erase the buyer of 3 deliveries and 1 further webhook, for good? [y/N] "]);
  expect(await tickets(first)).toMatch(MARKED);
  const yes = await relay(["forget", "--phone", PHONE], { answer: " Yes " });
  expect([yes.code, yes.asked.length]).toEqual([0, 1]);
  expect(await tickets(first)).not.toMatch(MARKED);
});

test("bug: a store that is not configured looked like one of which nothing is known", async () => {
  await orders();
  const typo = await relay(["forget", "noodle-bra", "1001"]);
  expect([typo.code, typo.err]).toEqual([
    1,
    expect.stringMatching(/ looked through; no store noodle-bra is configured now: see relay stores list\n$/),
  ]);
  const { printers, stores } = await house.ledger.settings();
  const left = { printers, stores: stores.filter(({ name }) => name !== "noodle-bar") };
  await house.ledger.apply(left, { prune: true, now: house.clock.now() });
  const gone = await relay(["forget", "noodle-bar", "#1001"]);
  expect([gone.code, gone.out]).toEqual([0, expect.stringMatching(/^erased the buyer of 1 delivery/)]);
  expect(gone.err).toBe("note: no store noodle-bar is configured now; this is what it left here\n");
});

test("nothing found: says what was looked through, and begins nothing", async () => {
  await orders();
  const order = await relay(["forget", "noodle-bar", "4711"], { answer: "y" });
  expect([order.code, order.out, order.asked]).toEqual([1, "", []]);
  expect(order.err).toBe(
    "relay: nothing of order 4711 that has a buyer is known at noodle-bar: webhooks, tickets, sent orders, answers and confirmations were looked through\n",
  );
  const email = await relay(["forget", "--email", "nobody@example.com", "--json"]);
  expect([email.code, email.out]).toEqual([1, ""]);
  expect(email.err).toMatch(/nothing of that buyer is known at any store/);
  expect(await house.ledger.listErasures(9)).toEqual([]);
});

test("what was forgotten, when, by whom, done or not; never who", async () => {
  expect((await relay(["forget", "--list"])).out).toBe("nobody was forgotten so far\n");
  await orders();
  const json = await relay(["forget", "--phone", PHONE, "--json"], { answer: "n" });
  expect([json.code, json.err, json.asked]).toEqual([0, "", []]);
  const told = JSON.parse(json.out) as Record<string, unknown>;
  expect(told).toMatchObject({ dry_run: false, finished: true, deliveries: 3, webhooks: 0, log_left: false });
  const listed = await relay(["forget", "--list"]);
  expect(listed.out).toMatch(/^asked \(UTC\) +by +store +deliveries +webhooks +done \(UTC\) +erasure\n/);
  expect(listed.out).toMatch(/cli ana +all +3 +0 +20\d\d-/);
  const { items } = JSON.parse((await relay(["forget", "--list", "--json"])).out) as { items: object[] };
  expect(items).toEqual([
    {
      ...{ id: told.erasure, store: null, by: "cli ana", deliveries: 3, webhooks: 0 },
      ...{ asked_at: expect.any(String) as string, done_at: expect.any(String) as string },
    },
  ]);
  for (const { out } of [json, listed]) expect(out).not.toMatch(MARKED);
});

test.each([true, false])("Ctrl-C leaves the rest to the service (running: %s)", async (running) => {
  serviceRuns = running;
  for (let n = 0; n < 150; n++) await house.cancel(`n-${n}`, BUYER);
  await house.worker.stop(1_000);
  const { ran, signal } = begin(["forget", "--phone", PHONE, "--yes"], { terminal: true });
  await house.clock.settle();
  await house.clock.advance(0);
  signal();
  await house.clock.advance(20);
  const { code, out, err } = await ran;
  expect(code).toBe(1);
  expect(out).toMatch(/^erased the buyer of \d+ deliveries; /);
  expect(err).toMatch(/\[#*-+\] +\d+ % +\d+ deliver\w+ erased/);
  expect(err).toMatch(
    running
      ? /relay: stopped: the running service erases the rest within a minute or so\n$/
      : /relay: stopped: the rest is erased when a service runs on this ledger; start it with: relay serve\n$/,
  );
  expect(err).not.toMatch(MARKED);
  const [erasure] = await house.ledger.listErasures(1);
  expect(erasure?.done_at).toBeNull();
  // A service on the same ledger ends it.
  await house.crash();
  await house.clock.advance(10_000);
  const [ended] = await house.ledger.listErasures(1);
  expect(ended).toMatchObject({ subject: null, deliveries: 150 });
});
