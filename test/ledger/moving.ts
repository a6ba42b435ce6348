import Database from "better-sqlite3";
import fc from "fast-check";
import pg from "pg";
import { ledgerPlace, type LedgerPlace } from "../../src/core/ledger-place.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { moveLedger, type MoveOptions, type MoveReport } from "../../src/ledger/move/move.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/index.ts";
import { createSeal } from "../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { tellAll } from "./contract-alerts.ts";
import { anAttempt, aDelivery, aPrinter, aStore, aTicket, aWebhook, idOf, NOON } from "./entries.ts";
import { anErasure } from "./erasing.ts";
import { TEST_KEY } from "./sqlite-ledger.ts";

/** Small, so that even few rows take many batches. */
export const FEW = { rows: 3, bytes: 2000 };

export function openPlace(place: LedgerPlace): Promise<Ledger> {
  const options = { seal: createSeal(() => [TEST_KEY]), clock: createManualClock(NOON) };
  return place.kind === "sqlite"
    ? openSqliteLedger({ path: place.path, ...options })
    : openPostgresLedger({ url: place.url, name: place.name, ...options });
}

export async function onPlace(place: string, work: (ledger: Ledger) => Promise<unknown>): Promise<void> {
  const ledger = await openPlace(ledgerPlace(place));
  try {
    await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** @param from and to: paths or addresses */
export function move(from: string, to: string, told: Partial<MoveOptions> = {}): Promise<MoveReport> {
  const quiet = { keep: false, most: FEW, onProgress: () => undefined, stopped: () => false };
  return moveLedger({ from: ledgerPlace(from), to: ledgerPlace(to), ...quiet, ...told });
}

type Rows = Record<string, unknown>[];

/** SQL on either, as an operator would. */
export async function sqlOn(place: string, sql: string): Promise<Rows> {
  return (await manyOn(place, [sql]))[0] ?? [];
}

async function manyOn(place: string, statements: readonly string[]): Promise<Rows[]> {
  const there = ledgerPlace(place);
  const found: Rows[] = [];
  if (there.kind === "postgres") {
    const client = new pg.Client(there.url);
    client.setTypeParser(pg.types.builtins.INT8, Number);
    await client.connect();
    try {
      for (const sql of statements) found.push((await client.query<Record<string, unknown>>(sql)).rows);
    } finally {
      await client.end();
    }
    return found;
  }
  const db = new Database(there.path);
  try {
    for (const sql of statements) {
      const statement = db.prepare(sql);
      if (statement.reader) found.push(statement.all() as Rows);
      else statement.run();
    }
    return found;
  } finally {
    db.close();
  }
}

/** By hand from the migrations: every table with rows of its own, and what each row is told apart by. */
export const ROWS_OF: Readonly<Record<string, string>> = {
  ...{ meta: "key", printers: "name", stores: "name", store_watches: "store", deliveries: "seq" },
  ...{ tickets: "delivery_seq", webhooks: "seq", webhook_bodies: "webhook_seq", attempts: "seq" },
  ...{ confirmations: "seq", history: "seq", alert_messages: "seq", alerts: "seq", act_keys: "key_hash" },
  ...{ erasures: "seq", ended_sessions: "id" },
};

/** Every row of every table, as it can be compared; and the counts that triggers keep. */
export async function dump(place: string): Promise<Record<string, Rows>> {
  const statements = Object.entries(ROWS_OF).map(([table, key]) => {
    const where = table === "meta" ? "WHERE key NOT IN ('settings', 'alerts', 'leader', 'moved_to')" : "";
    return `SELECT * FROM ${table} ${where} ORDER BY ${key}`;
  });
  const counts = "SELECT state, sum(count) AS many FROM delivery_counts GROUP BY state ORDER BY state";
  const all = await manyOn(place, [...statements, counts]);
  const tables = [...Object.keys(ROWS_OF), "counts"].map((table, index) => [
    table,
    (all[index] ?? []).map(comparable).filter(({ many }) => many !== 0),
  ]);
  return Object.fromEntries(tables) as Record<string, Rows>;
}

/** Columns stand in another order where they were added later; sums are texts in PostgreSQL. */
function comparable(row: Record<string, unknown>): Record<string, unknown> {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    Buffer.isBuffer(value) ? value.toString("hex") : name === "many" ? Number(value) : value,
  ]);
  return Object.fromEntries(values) as Record<string, unknown>;
}

/** Strangers' words: also what PostgreSQL has no place for. */
const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("a\0b", "\0\0", "", "'\"\\{},NULL", "\\x00", "王小明 🍜", "\u202e\r\n\t"),
);
const n = fc.nat(30);
export const step = fc.oneof(
  fc.record({ do: fc.constant("enqueue" as const), order: fc.nat(20), words, bytes: fc.nat(3000) }),
  fc.record({ do: fc.constant("strange" as const), n, words }),
  fc.record({ do: fc.constant("attempt" as const), n, words, spare: fc.boolean() }),
  fc.record({ do: fc.constant("confirm" as const), n, words }),
  fc.record({ do: fc.constant("die" as const), n, words }),
  fc.record({ do: fc.constant("reprint" as const), n, words }),
  fc.record({ do: fc.constant("alert" as const), n, words }),
  fc.record({ do: fc.constant("session" as const), n }),
  fc.record({ do: fc.constant("erase" as const), n, words }),
  fc.record({ do: fc.constant("prune" as const) }),
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Settings, then one step after the other. What is not possible is left out. @param before steps of before, if any */
export async function fill(ledger: Ledger, steps: readonly Step[], before = 0): Promise<void> {
  const settings = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] };
  await ledger.apply(settings, { prune: false, now: NOON });
  await ledger.recordWatch("noodle-bar", { reconciled_to: NOON, reconcile_error: "why\0not" });
  let unique = before;
  const ids: string[] = [];
  for (const taken of steps) await take(ledger, taken, ++unique, ids).catch(unlessRefused);
}

function unlessRefused(error: unknown): void {
  if ((error as { name?: string }).name !== "RelayError") throw error;
}

/** @param ids of the deliveries so far */
async function take(ledger: Ledger, taken: Step, unique: number, ids: string[]): Promise<unknown> {
  const at = NOON + unique;
  const id = ids["n" in taken ? taken.n % ids.length : 0] ?? idOf("DLVR", 0);
  switch (taken.do) {
    case "enqueue": {
      const body = Buffer.alloc(taken.bytes, `${unique}`);
      const webhook = aWebhook(unique, { body, topic: taken.words, received_at: at });
      const ticket = aTicket({ reason: taken.words, merchant_note: taken.words });
      const told = { order_id: `o${taken.order}`, order_name: taken.words, reason: taken.words, ticket };
      const delivery = aDelivery(unique, told);
      const { status } = await ledger.enqueue({ webhook, delivery });
      return status === "accepted" ? ids.push(delivery.id) : null;
    }
    case "strange": {
      const webhook = aWebhook(unique, { platform_webhook_id: taken.words });
      return ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: taken.words });
    }
    case "attempt": {
      const attempt = anAttempt({
        detail: taken.words,
        ...(taken.spare ? { request: null, response: null } : {}),
      });
      return ledger.change(id, { at, by: "relay", attempt, decide: () => null });
    }
    case "confirm": {
      const confirmation = {
        verdict: "accepted" as const,
        message: taken.words,
        time: taken.words,
        at,
        raw: "{}",
      };
      return ledger.change(id, {
        ...{ at, by: "printer", confirmation },
        decide: () => ({ set: { state: "printed", next_attempt_at: null }, note: taken.words }),
      });
    }
    case "die": {
      const set = {
        state: "dead",
        attention: "dead",
        next_attempt_at: null,
        last_error: taken.words,
      } as const;
      return ledger.change(id, { at, by: "relay", decide: () => ({ set, note: null }) });
    }
    case "reprint": {
      const delivery = aDelivery(1000 + unique, { kind: "reprint", reprint_of: id, created_at: at });
      const once = { key: `key ${unique}`, request: taken.words };
      return ledger.add(delivery, "operator Ana", taken.words, once);
    }
    case "alert": {
      const nobody = { delivery_id: null, webhook_id: null, order_id: null, order_name: null };
      const of = {
        type: "queue.late",
        store: null,
        printer: null,
        reason: taken.words,
        raised_at: at,
      } as const;
      const matter = `queue.late ${taken.n % 3}`;
      await ledger.raiseAlert({ ...nobody, ...of, matter });
      await tellAll(ledger, at + 3_600_000);
      return taken.n % 2 === 0 ? ledger.closeAlert(matter, { at: at + 1, ended: "over" }) : null;
    }
    case "session":
      return ledger.endSession({ id: `session ${taken.n}`, ends_at: NOON + 9_000_000 }, NOON);
    case "erase":
      return ledger.beginErasure(
        anErasure(unique, { store: "noodle-bar", orders: [taken.words], everything: taken.n === 0 }),
      );
    case "prune":
      return ledger.prune({ bodies_before: at, attempts_before: NOON + 3, limit: 100, run_at: at });
  }
}

/** Something in every table. */
export const SOME_OF_ALL: Step[] = [
  { do: "enqueue", order: 1, words: "first\0order", bytes: 900 },
  { do: "enqueue", order: 2, words: "second", bytes: 5000 },
  { do: "enqueue", order: 1, words: "again", bytes: 10 },
  { do: "strange", n: 1, words: "whatever" },
  { do: "attempt", n: 0, words: "detail", spare: false },
  { do: "attempt", n: 1, words: "\0", spare: true },
  { do: "confirm", n: 0, words: "printed" },
  { do: "die", n: 1, words: "sign error" },
  { do: "reprint", n: 0, words: "reprint" },
  { do: "alert", n: 1, words: "late" },
  { do: "session", n: 1 },
  { do: "erase", n: 1, words: "o1" },
];
/** Then what of it is old goes, and the run is remembered. */
export const PRUNED: Step[] = [...SOME_OF_ALL, { do: "prune" }];
