import type { Database } from "better-sqlite3";
import {
  subjectProblem,
  type ErasedBatch,
  type Erasure,
  type ErasureQuery,
  type NewErasure,
} from "../../core/erasure.ts";
import { RelayError } from "../../core/errors.ts";
import { orderKey } from "../../core/order-key.ts";
import type { UnixMs } from "../../core/time.ts";
import type { ErasureLedger } from "../erasure-ledger.ts";
import type { HistoryEntry, Restored } from "../ledger.ts";
import { createErasureWalk, type Look } from "./erasure-walk.ts";
import { asLedgerError } from "./errors.ts";
import { createForgetter, type Forgetter } from "./forget.ts";
import { createForgottenFile, type Forgotten } from "./forgotten-file.ts";
import type { GroupCommit } from "./group-commit.ts";
import { BUSY_TIMEOUT_MS } from "./open.ts";
import { mustWait } from "./prune.ts";

export interface Erasures {
  ledger: ErasureLedger;
  /**
   * As `beginErasure`, inside the group commit, for whoever may ask again and again: while two of the same are not done,
   * a third would find nothing that the second does not.
   */
  begin: (erasure: NewErasure) => void;
  /** Erases again what is named in the file beside the ledger; inside the group commit. @returns how many rows */
  forgetAgain: (now: UnixMs) => number;
  /** After that the file itself loses it. */
  cutAfter: (restored: Restored | null) => Restored | null;
}

const NOTHING = { deliveries: 0, webhooks: 0, done: false, waiting: false, log_left: false };
/** Of one subject: one that may have begun, and one that looks at what has come since. */
const UNDONE_MAX = 2;
/** Readers that last longer keep the log for now; the ledger waits with whoever waits here. */
const CUT_WAIT_MS = 100;

/** @param path of the ledger @param tell writes a line of history */
export function createErasures(
  db: Database,
  path: string,
  group: Pick<GroupCommit, "write">,
  read: <Result>(query: () => Result) => Promise<Result>,
  tell: (seq: number, entry: HistoryEntry) => void,
): Erasures {
  const book = createBook(db);
  const walk = createErasureWalk(db);
  const forgetter = createForgetter(db, tell);
  const file = createForgottenFile(path);
  const linesOf = createLinesOf(db);
  const again = createForgetAgain(db, forgetter);
  const takeAway = createTakeAway(db, forgetter);
  let storeTold = "";

  /** Before anything goes: what a crash leaves erased must be known to be. */
  function writeDown({ erasure, now }: ErasureQuery, look: Look): void {
    const { id, asked_at, subject } = erasure;
    if (!subject.everything || subject.store === null) file.append(linesOf(look, now));
    else if (storeTold !== id) file.append([{ at: asked_at, store: subject.store, everything: true }]);
    storeTold = id;
  }

  async function erase(query: ErasureQuery): Promise<ErasedBatch> {
    const isDone = book.requireDone(query.erasure.id);
    if (isDone) return { ...NOTHING, done: true, log_left: !cutLog(db) };
    if (mustWait(db, path)) return { ...NOTHING, waiting: true };
    const look = walk.look(query);
    let counts = { deliveries: 0, webhooks: 0 };
    if (look.done || look.deliveries.size + look.bodies.size > 0) {
      writeDown(query, look);
      counts = await group.write(() => {
        const taken = takeAway(query, look);
        book.count(query.erasure.id, taken, look.done ? query.now : null);
        return taken;
      });
    }
    look.goOn();
    return { ...NOTHING, ...counts, done: look.done, log_left: look.done && !cutLog(db) };
  }

  const ledger: ErasureLedger = {
    async beginErasure(erasure) {
      const problem = subjectProblem(erasure.subject);
      if (problem !== null) throw new RelayError("invalid", problem);
      await group.write(() => book.begin(erasure));
    },
    async eraseBatch(query) {
      try {
        if (query.dry_run !== true) return await erase(query);
        const look = walk.look(query);
        look.goOn();
        return { ...NOTHING, ...takeAway(query, look), done: look.done };
      } catch (error) {
        throw asLedgerError(error, path);
      }
    },
    nextErasure: () => read(() => book.next()),
    listErasures: (limit) => read(() => book.list(limit)),
  };
  return {
    ledger,
    begin: (erasure) => {
      if (book.undone(erasure) < UNDONE_MAX) book.begin(erasure);
    },
    forgetAgain: (now) => again(file.read(), now),
    cutAfter(restored) {
      if (restored !== null) cutLog(db);
      return restored;
    },
  };
}

/** @returns whether nothing is left in the write-ahead log */
function cutLog(db: Database): boolean {
  db.pragma(`busy_timeout = ${CUT_WAIT_MS}`);
  try {
    const [found] = db.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
    return found?.busy === 0;
  } finally {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

type ErasureRow = Omit<Erasure, "subject"> & { subject: string | null };

interface Book {
  begin(erasure: NewErasure): void;
  /** How many are about the same, and not done. */
  undone(erasure: NewErasure): number;
  /** @throws `not_found` */
  requireDone(id: string): boolean;
  count(id: string, more: Pick<Erasure, "deliveries" | "webhooks">, doneAt: UnixMs | null): void;
  next(): Erasure | null;
  list(limit: number): Erasure[];
}

/** The table of erasures. */
function createBook(db: Database): Book {
  const select = "SELECT id, subject, store, asked_at, by, done_at, deliveries, webhooks FROM erasures";
  const insert = db.prepare(
    "INSERT INTO erasures (id, store, subject, asked_at, by) VALUES (:id, :store, :subject, :asked_at, :by)",
  );
  const doneAt = db.prepare<[string], number | null>("SELECT done_at FROM erasures WHERE id = ?").pluck();
  const count = db.prepare(
    "UPDATE erasures SET deliveries = deliveries + :deliveries, webhooks = webhooks + :webhooks WHERE id = :id",
  );
  const end = db.prepare("UPDATE erasures SET done_at = ?, subject = NULL WHERE id = ? AND done_at IS NULL");
  // Acts that are remembered tell of a delivery as it was.
  const endOfActs = db.prepare(`
    UPDATE act_keys SET result = json_set(result, '$.delivery.reason', NULL, '$.delivery.last_error', NULL)
    WHERE EXISTS (
      SELECT 1 FROM deliveries WHERE id = json_extract(result, '$.delivery.id') AND forgotten_at IS NOT NULL)`);
  // The stores in turn: whoever asks for much, or plays a request again and again, keeps no other's waiting.
  const next = db.prepare<[], ErasureRow>(`
    ${select} AS mine
    WHERE done_at IS NULL
      AND seq = (SELECT min(seq) FROM erasures WHERE done_at IS NULL AND store IS mine.store)
    ORDER BY (SELECT coalesce(max(done_at), 0) FROM erasures WHERE store IS mine.store), seq
    LIMIT 1`);
  const undone = db
    .prepare<[string], number>("SELECT count(*) FROM erasures WHERE done_at IS NULL AND subject = ?")
    .pluck();
  const list = db.prepare<[number], ErasureRow>(`${select} ORDER BY seq DESC LIMIT ?`);
  return {
    begin: ({ id, asked_at, by, subject }) =>
      void insert.run({ id, asked_at, by, store: subject.store, subject: JSON.stringify(subject) }),
    undone: ({ subject }) => undone.get(JSON.stringify(subject)) ?? 0,
    requireDone(id) {
      const at = doneAt.get(id);
      if (at === undefined) throw new RelayError("not_found", `there is no erasure ${id}: begin it first`);
      return at !== null;
    },
    count(id, more, at) {
      count.run({ id, ...more });
      if (at === null) return;
      end.run(at, id);
      endOfActs.run();
    },
    next() {
      const row = next.get();
      return row === undefined ? null : erasureOf(row);
    },
    list: (limit) => list.all(limit).map(erasureOf),
  };
}

function erasureOf(row: ErasureRow): Erasure {
  return { ...row, subject: row.subject === null ? null : (JSON.parse(row.subject) as Erasure["subject"]) };
}

/** @returns what has happened as the file beside the ledger has it */
function createLinesOf(db: Database): (look: Look, at: UnixMs) => Forgotten[] {
  const order = db.prepare<[number], { store: string | null; order_id: string }>(
    "SELECT store, order_id FROM deliveries WHERE seq = ?",
  );
  return ({ deliveries, bodies }, at) => [
    ...[...deliveries].flatMap((seq) => {
      const told = order.get(seq);
      return told === undefined ? [] : [{ at, ...told }];
    }),
    ...[...bodies.values()].map(({ id }) => ({ at, webhook: id })),
  ];
}

/** @returns what takes away what a look has found, or only counts it */
function createTakeAway(
  db: Database,
  forgetter: Forgetter,
): (query: ErasureQuery, look: Look) => Pick<ErasedBatch, "deliveries" | "webhooks"> {
  const forgottenAt = db
    .prepare<[number], number | null>("SELECT forgotten_at FROM deliveries WHERE seq = ?")
    .pluck();
  return ({ erasure, now, dry_run: isDry }, { deliveries, bodies }) => {
    const { by, asked_at, subject } = erasure;
    const told = [subject.email, subject.phone].filter((text) => text !== null);
    const counts = { deliveries: 0, webhooks: 0 };
    for (const seq of deliveries) {
      // By itself, or for the sake of the one it is a reprint of.
      if ((forgottenAt.get(seq) ?? -Infinity) >= asked_at) continue;
      counts.deliveries += isDry === true ? 1 : forgetter.delivery(seq, { now, by, told });
    }
    for (const [seq, { of_delivery }] of bodies) {
      const isGone = isDry === true || forgetter.body(seq);
      if (isGone && !of_delivery) counts.webhooks++;
    }
    return counts;
  };
}

function createForgetAgain(
  db: Database,
  forgetter: Forgetter,
): (lines: readonly Forgotten[], now: UnixMs) => number {
  const ofOrder = db
    .prepare<[string, string | null, string], number>(
      `SELECT seq FROM deliveries
       WHERE order_id_key = ? AND store IS ? AND order_id = ? AND reprint_of IS NULL AND forgotten_at IS NULL`,
    )
    .pluck();
  const ofStore = db
    .prepare<[string, UnixMs], number>(
      `SELECT seq FROM deliveries
       WHERE store = ? AND created_at <= ? AND reprint_of IS NULL AND forgotten_at IS NULL`,
    )
    .pluck();
  const bodyOf = db.prepare<[string], number>("SELECT seq FROM webhooks WHERE id = ?").pluck();
  const bodiesOf = db
    .prepare<[string, UnixMs], number>(
      "SELECT webhook_seq FROM webhook_bodies JOIN webhooks ON seq = webhook_seq WHERE store = ? AND received_at <= ?",
    )
    .pluck();

  return (lines, now) => {
    let count = 0;
    const forget = (seqs: readonly number[], bodies: readonly number[]): void => {
      for (const seq of seqs) count += forgetter.delivery(seq, { now, by: "relay", told: [] });
      for (const seq of bodies) count += forgetter.body(seq) ? 1 : 0;
    };
    for (const line of lines) {
      if ("webhook" in line) forget([], bodyOf.all(line.webhook));
      else if ("everything" in line) {
        forget(ofStore.all(line.store, line.at), bodiesOf.all(line.store, line.at));
      } else forget(ofOrder.all(orderKey(line.order_id), line.store, line.order_id), []);
    }
    return count;
  };
}
