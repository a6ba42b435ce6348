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
import type { Driver } from "./driver.ts";
import { createForgetter, type Forgetter } from "./forget.ts";
import type { Forgotten } from "./forgotten.ts";
import { alone, prepare, together, type Work } from "./statement.ts";

export interface Erasures {
  ledger: ErasureLedger;
  /**
   * As `beginErasure`, inside the group commit, for whoever may ask again and again: while two of the same are not done,
   * a third would find nothing that the second does not.
   */
  begin: (erasure: NewErasure) => Work<void>;
  /** Erases again what is named in the file beside the ledger; inside the group commit. @returns how many rows */
  forgetAgain: (now: UnixMs) => Work<number>;
  /** After that the file itself loses it. */
  cutAfter: (restored: Restored | null) => Promise<Restored | null>;
}

type Taken = Pick<ErasedBatch, "deliveries" | "webhooks">;

const NOTHING = { deliveries: 0, webhooks: 0, done: false, waiting: false, log_left: false };
/** Of one subject: one that may have begun, and one that looks at what has come since. */
const UNDONE_MAX = 2;

/** @param tell writes a line of history */
export function createErasures(
  driver: Driver,
  tell: (seq: number, entry: HistoryEntry) => Work<void>,
): Erasures {
  const book = createBook();
  const walk = createErasureWalk();
  const forgetter = createForgetter(tell);
  const linesOf = createLinesOf();
  const again = createForgetAgain(forgetter);
  const takeAway = createTakeAway(forgetter);
  let storeTold = "";

  /** Before anything goes: what a crash leaves erased must be known to be. */
  async function writeDown({ erasure, now }: ErasureQuery, look: Look): Promise<void> {
    const { id, asked_at, subject } = erasure;
    if (!subject.everything || subject.store === null) {
      driver.forgotten.append(await driver.read(() => linesOf(look, now)));
    } else if (storeTold !== id) {
      driver.forgotten.append([{ at: asked_at, store: subject.store, everything: true }]);
    }
    storeTold = id;
  }

  function* takeAndCount(query: ErasureQuery, look: Look): Work<Taken> {
    yield* alone();
    const taken = yield* takeAway(query, look);
    yield* book.count(query.erasure.id, taken, look.done ? query.now : null);
    return taken;
  }

  async function erase(query: ErasureQuery): Promise<ErasedBatch> {
    const isDone = await driver.read(() => book.requireDone(query.erasure.id));
    if (isDone) return { ...NOTHING, done: true, log_left: !(await driver.cutLog()) };
    if (await driver.mustWait()) return { ...NOTHING, waiting: true };
    const look = await driver.read(() => walk.look(query));
    let counts = { deliveries: 0, webhooks: 0 };
    if (look.done || look.deliveries.size + look.bodies.size > 0) {
      await writeDown(query, look);
      counts = await driver.write(() => takeAndCount(query, look));
    }
    look.goOn();
    return { ...NOTHING, ...counts, done: look.done, log_left: look.done && !(await driver.cutLog()) };
  }

  const ledger: ErasureLedger = {
    async beginErasure(erasure) {
      const problem = subjectProblem(erasure.subject);
      if (problem !== null) throw new RelayError("invalid", problem);
      await driver.write(() => book.begin(erasure));
    },
    async eraseBatch(query) {
      if (query.dry_run !== true) return erase(query);
      const look = await driver.read(() => walk.look(query));
      look.goOn();
      return { ...NOTHING, ...(await driver.read(() => takeAway(query, look))), done: look.done };
    },
    nextErasure: () => driver.read(() => book.next()),
    listErasures: (limit) => driver.read(() => book.list(limit)),
  };
  return {
    ledger,
    *begin(erasure) {
      if ((yield* book.undone(erasure)) < UNDONE_MAX) yield* book.begin(erasure);
    },
    forgetAgain: (now) => again(driver.forgotten.read(), now),
    async cutAfter(restored) {
      if (restored !== null) await driver.cutLog();
      return restored;
    },
  };
}

type ErasureRow = Omit<Erasure, "subject"> & { subject: string | null };

interface Book {
  begin(erasure: NewErasure): Work<void>;
  /** How many are about the same, and not done. */
  undone(erasure: NewErasure): Work<number>;
  /** @throws `not_found` */
  requireDone(id: string): Work<boolean>;
  count(id: string, more: Taken, doneAt: UnixMs | null): Work<void>;
  next(): Work<Erasure | null>;
  list(limit: number): Work<Erasure[]>;
}

/** The table of erasures. */
function createBook(): Book {
  const select = "SELECT id, subject, store, asked_at, by, done_at, deliveries, webhooks FROM erasures";
  const insert = prepare<object>(
    `INSERT INTO erasures (id, store, subject, asked_at, by) VALUES (:id, :store, :subject, :asked_at, :by)
     ON CONFLICT (id) DO NOTHING`,
  );
  const doneAt = prepare<[string], number | null>("SELECT done_at FROM erasures WHERE id = ?").pluck();
  const count = prepare<object>(
    "UPDATE erasures SET deliveries = deliveries + :deliveries, webhooks = webhooks + :webhooks WHERE id = :id",
  );
  const end = prepare<[UnixMs, string]>(
    "UPDATE erasures SET done_at = ?, subject = NULL WHERE id = ? AND done_at IS NULL",
  );
  // Acts that are remembered tell of a delivery as it was.
  const endOfActs = prepare(
    `UPDATE act_keys SET result = json_set(result, '$.delivery.reason', NULL, '$.delivery.last_error', NULL)
     WHERE EXISTS (
       SELECT 1 FROM deliveries WHERE id = json_extract(result, '$.delivery.id') AND forgotten_at IS NOT NULL)`,
    // A result may tell of a NUL or of half a surrogate, which no jsonb has.
    `UPDATE act_keys
     SET result = jsonb_set(jsonb_set(told, '{delivery,reason}', 'null'), '{delivery,last_error}', 'null')::text
     FROM (
       SELECT key_hash AS known,
         regexp_replace(result, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'gi')::jsonb AS told
       FROM act_keys) AS acts
     WHERE known = key_hash AND EXISTS (
       SELECT 1 FROM deliveries WHERE id = told #>> '{delivery,id}' AND forgotten_at IS NOT NULL)`,
  );
  // The stores in turn: whoever asks for much, or plays a request again and again, keeps no other's waiting.
  const next = prepare<[], ErasureRow>(`
    ${select} AS mine
    WHERE done_at IS NULL
      AND seq = (SELECT min(seq) FROM erasures WHERE done_at IS NULL AND store IS NOT DISTINCT FROM mine.store)
    ORDER BY (SELECT coalesce(max(done_at), 0) FROM erasures WHERE store IS NOT DISTINCT FROM mine.store), seq
    LIMIT 1`);
  const undone = prepare<[string], number>(
    "SELECT count(*) FROM erasures WHERE done_at IS NULL AND subject = ?",
  ).pluck();
  const list = prepare<[number], ErasureRow>(`${select} ORDER BY seq DESC LIMIT ?`);
  return {
    begin: ({ id, asked_at, by, subject }) =>
      insert.put({ id, asked_at, by, store: subject.store, subject: JSON.stringify(subject) }),
    *undone({ subject }) {
      return (yield* undone.get(JSON.stringify(subject))) ?? 0;
    },
    *requireDone(id) {
      const at = yield* doneAt.get(id);
      if (at === undefined) throw new RelayError("not_found", `there is no erasure ${id}: begin it first`);
      return at !== null;
    },
    *count(id, more, at) {
      yield* count.put({ id, ...more });
      if (at === null) return;
      yield* end.put(at, id);
      yield* endOfActs.put();
    },
    *next() {
      const row = yield* next.get();
      return row === undefined ? null : erasureOf(row);
    },
    *list(limit) {
      return (yield* list.all(limit)).map(erasureOf);
    },
  };
}

function erasureOf(row: ErasureRow): Erasure {
  return { ...row, subject: row.subject === null ? null : (JSON.parse(row.subject) as Erasure["subject"]) };
}

/** @returns what has happened as the file beside the ledger has it */
function createLinesOf(): (look: Look, at: UnixMs) => Work<Forgotten[]> {
  const order = prepare<[number], { store: string | null; order_id: string }>(
    "SELECT store, order_id FROM deliveries WHERE seq = ?",
  );
  return function* ({ deliveries, bodies }, at) {
    const orders = yield* together([...deliveries].map((seq) => order.get(seq)));
    return [
      ...orders.flatMap((told) => (told === undefined ? [] : [{ at, ...told }])),
      ...[...bodies.values()].map(({ id }) => ({ at, webhook: id })),
    ];
  };
}

/** @returns what takes away what a look has found, or only counts it */
function createTakeAway(forgetter: Forgetter): (query: ErasureQuery, look: Look) => Work<Taken> {
  const forgottenAt = prepare<[number], number | null>(
    "SELECT forgotten_at FROM deliveries WHERE seq = ?",
  ).pluck();
  const lockWebhook = prepare<[number]>(null, "SELECT 1 FROM webhooks WHERE seq = ? FOR UPDATE");
  const replayed = prepare<[number], number>(
    `SELECT deliveries.seq FROM webhooks JOIN deliveries ON deliveries.id = delivery_id
     WHERE webhooks.seq = ? AND forgotten_at IS NULL`,
  ).pluck();

  /** What a replay has made of a body since it was looked at. */
  function* deliveryMadeOf(webhookSeq: number): Work<number | undefined> {
    yield* lockWebhook.get(webhookSeq);
    return yield* replayed.get(webhookSeq);
  }

  return function* ({ erasure, now, dry_run: isDry }, { deliveries, bodies }) {
    const { by, asked_at, subject } = erasure;
    const told = [subject.email, subject.phone].filter((text) => text !== null);
    const counts = { deliveries: 0, webhooks: 0 };
    for (const seq of deliveries) {
      // By itself, or for the sake of the one it is a reprint of.
      if (((yield* forgottenAt.get(seq)) ?? -Infinity) >= asked_at) continue;
      counts.deliveries += isDry === true ? 1 : yield* forgetter.delivery(seq, { now, by, told });
    }
    for (const [seq, { of_delivery }] of bodies) {
      const made = isDry === true || of_delivery ? undefined : yield* deliveryMadeOf(seq);
      if (made !== undefined) counts.deliveries += yield* forgetter.delivery(made, { now, by, told });
      const isGone = isDry === true || (yield* forgetter.body(seq));
      if (isGone && !of_delivery) counts.webhooks++;
    }
    return counts;
  };
}

function createForgetAgain(forgetter: Forgetter): (lines: readonly Forgotten[], now: UnixMs) => Work<number> {
  const ofOrder = prepare<[string, string | null, string], number>(
    `SELECT seq FROM deliveries
     WHERE order_id_key = ? AND store IS NOT DISTINCT FROM ? AND order_id = ? AND reprint_of IS NULL
       AND forgotten_at IS NULL`,
  ).pluck();
  const ofStore = prepare<[string, UnixMs], number>(
    `SELECT seq FROM deliveries
     WHERE store = ? AND created_at <= ? AND reprint_of IS NULL AND forgotten_at IS NULL`,
  ).pluck();
  const bodyOf = prepare<[string], number>("SELECT seq FROM webhooks WHERE id = ?").pluck();
  const bodiesOf = prepare<[string, UnixMs], number>(
    "SELECT webhook_seq FROM webhook_bodies JOIN webhooks ON seq = webhook_seq WHERE store = ? AND received_at <= ?",
  ).pluck();

  function* forget(seqs: readonly number[], bodies: readonly number[], now: UnixMs): Work<number> {
    let count = 0;
    for (const seq of seqs) count += yield* forgetter.delivery(seq, { now, by: "relay", told: [] });
    for (const seq of bodies) count += (yield* forgetter.body(seq)) ? 1 : 0;
    return count;
  }

  return function* (lines, now) {
    let count = 0;
    for (const line of lines) {
      if ("webhook" in line) count += yield* forget([], yield* bodyOf.all(line.webhook), now);
      else if ("everything" in line) {
        const seqs = yield* ofStore.all(line.store, line.at);
        count += yield* forget(seqs, yield* bodiesOf.all(line.store, line.at), now);
      } else {
        count += yield* forget(
          yield* ofOrder.all(orderKey(line.order_id), line.store, line.order_id),
          [],
          now,
        );
      }
    }
    return count;
  };
}
