import { JITTER_MAX, REPEAT_DELAYS_MS, RETRY_DELAYS_MS } from "../../src/core/backoff.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { RelayError } from "../../src/core/errors.ts";
import type { Change, EnqueueResult } from "../../src/ledger/ledger.ts";
import { GIVEN_UP_MS, RETRY_AFTER_MS_MAX, type Post, type SimulatedCloud } from "./cloud.ts";
import type { DoneCall } from "./disk.ts";
import { createHeard } from "./heard.ts";
import type { Life } from "./life.ts";
import type { Row, Rows } from "./rows.ts";
import type { Stage } from "./stage.ts";
import type { SimulatedStores } from "./stores.ts";

/** What the relay promises, checked while the world runs. Each blames the stage. */
export interface Watch {
  /** Before a POST is taken: whether it may be made at all, and says what it must. */
  posted: (post: Post) => void;
  /** The ledger's calls as they are done. */
  ledgerDone: (call: DoneCall, life: Life) => void;
  /** A process has died, or lost its connections: what it was told last may have been done, and nobody heard. */
  ledgerCutOff: () => void;
  /**
   * Once a second.
   * @param upForMs how long a process has been at work on a sound disk and a steady clock
   */
  second: (upForMs: number) => void;
  /** The relay says that an outage is over. */
  cloudReturned: (scope: string, upForMs: number) => void;
  /** An operator is about to send it again. */
  redriven: (id: string) => void;
  /** Of what was answered, what is neither on paper nor ended with a reason; empty when all is. */
  unsettled: () => Row[];
}

/** First slip, three repeats, and one more when the cloud has accepted another. */
const SLIPS_MAX = 5;
/** A probe every 5 s, a look every second, a slow disk, and the answer that had to be waited for. */
const CONTACT_MS_MAX = 8_000;
/** What the worker's look adds to a wait, and a slow disk. */
const SLACK_MS = 2_500;
const LEASE_MS_MAX = 75_000;

export function createWatch(
  stage: Stage,
  rows: Rows,
  world: {
    cloud: () => SimulatedCloud;
    stores: () => SimulatedStores;
    /** Whether nobody works on what was claimed. @param claimedAt by the time that passes */
    isLeft: (row: Row, claimedAt: number) => boolean;
    /** What a process that has just begun may wait for one that is no more. */
    takeOverMs: number;
  },
): Watch {
  const states = new Map<string, string>();
  const dueAt = new Map<string, number | null>();
  /** Since when it has been so, by the time that passes. */
  const dueSet = new Map<string, number>();
  const redrives = new Map<string, number>();
  /** When it was last claimed, by the time that passes. */
  const claimedAt = new Map<string, number>();
  /** Claimed to be sent, and not sent yet: the life that claimed it last. */
  const claims = new Map<string, number>();
  /** Seen as claimed before its claim was answered. */
  const takenUnseen = new Set<string>();
  /** Claimed before it was heard that they are due: what made them so has its answer after the claim's. */
  const early = new Map<string, { at: number; elapsed: number }>();
  /** Answers that came too late and seem to decide; what has decided may be heard of later in the same moment. */
  const late = new Map<string, string>();
  const heard = createHeard(stage);
  let dueSince: number | null = null;

  function posted(post: Post): void {
    const row = rows.find(post.delivery);
    if (row === undefined) return stage.blame(`POST of ${post.delivery}, which is not in the ledger`);
    const { posts } = world.cloud();
    const text = post.request.order.order_txt;
    const own = posts.filter(({ delivery }) => delivery === row.id);
    // Its state says less: the printer's word on an earlier slip may come between claim and POST.
    if (claims.get(row.id) !== post.life)
      stage.blame(`POST of ${row.id} (${row.state}) without a claim of its own`);
    claims.delete(row.id);
    // What takes longer than the client ever waits may lose its lease.
    const isUnderWay = ({ life, answeredAt, elapsed }: Post): boolean =>
      answeredAt === null &&
      post.elapsed - elapsed <= GIVEN_UP_MS &&
      !heard.wasTakenUp(life, elapsed, post.life);
    if (own.some(isUnderWay)) {
      stage.blame(`POST of ${row.id} while another of it is under way`);
    }
    if (own.some(({ request }) => request.signed_at === post.request.signed_at)) {
      stage.blame(`two attempts of ${row.id} are signed with ${post.request.signed_at}`);
    }
    const printed = posts.filter((other) => other.printed && isSameSlip(row, other));
    if (printed.length > 0 && !text.includes("MAY BE A REPEAT")) {
      stage.blame(`a second slip of ${row.order_id} without MAY BE A REPEAT`);
    }
    if (text.includes("MAY BE A REPEAT") && !rows.mayHavePrinted(row.id, redrives.has(row.id))) {
      stage.blame(`MAY BE A REPEAT on ${row.order_id}, though every attempt surely did not print`);
    }
    if (row.kind === "reprint" && !text.includes(`REPRINT ${row.reprint_number ?? 0}`)) {
      stage.blame(`reprint ${row.id} does not say REPRINT ${row.reprint_number ?? 0}`);
    }
    if (post.printed && printed.length >= SLIPS_MAX * (1 + (redrives.get(row.id) ?? 0))) {
      stage.blame(`paper floods: ${printed.length + 1} slips of ${row.order_id}`);
    }
    if (row.store === "tee-shop" && row.kind === "cancellation") {
      const said = world.stores().said.get(row.order_id);
      if (said === undefined || said.cancelled === 0)
        stage.blame(`${row.order_id} prints on no store's word`);
    }
  }

  /** A cancellation is one slip however many deliveries it got; a reprint and a test are slips of their own. */
  function isSameSlip(row: Row, other: Post): boolean {
    if (other.delivery === row.id) return true;
    const that = rows.find(other.delivery);
    return row.kind === "cancellation" && that?.kind === "cancellation" && isSameOrder(row, that);
  }

  function ledgerDone(call: DoneCall, life: Life): void {
    const { name, result, values } = call;
    heard.done(call, life);
    if (name === "claim") return (result as Delivery[]).forEach((delivery) => claimed(delivery, life));
    if (name === "handBack" && result !== 0) early.clear(); // It does not tell which they were.
    if (name === "release" || name === "handBack") return learnAll();
    if (name === "change") changed(result as Delivery, values[1] as Change);
    if ((name === "change" || name === "add") && !explainsClaim(result as Delivery))
      learn(result as Delivery);
    if (name === "enqueue" || name === "reenqueue") {
      early.delete((result as EnqueueResult).delivery_id ?? "");
      learnAll();
    }
  }

  /** An answer that comes when its attempt was given up and another begun is only written down. */
  function changed({ id, state, attempt_count }: Delivery, { attempt }: Change): void {
    const isOld = attempt?.kind === "send" && attempt.number < attempt_count;
    const moment = `${id} ${stage.clock.elapsed()}`;
    if (!isOld) late.delete(moment);
    else if (states.get(id) === "sending" && state !== "sending") {
      late.set(
        moment,
        `the answer to attempt ${attempt.number} of ${id} decides over attempt ${attempt_count}`,
      );
    }
  }

  function learn(told: Pick<Row, "id" | "state" | "next_attempt_at">): void {
    const { id, state, next_attempt_at } = told.state === "void" ? (rows.find(told.id) ?? told) : told; // a webhook may have revived it since
    states.set(id, state);
    if (dueAt.get(id) !== next_attempt_at) dueSet.set(id, stage.clock.elapsed());
    dueAt.set(id, next_attempt_at);
  }

  function learnAll(): void {
    for (const row of rows.all()) {
      // Claimed in the same commit, and whoever claimed it has not been told yet: when it was due is gone.
      if (row.state === "sending" && states.get(row.id) !== "sending") takenUnseen.add(row.id);
      learn(row);
    }
  }

  /** What was claimed and not told is nobody's until its lease ends, or its process is taken for dead. */
  function ledgerCutOff(): void {
    learnAll();
    for (const { id, lease_until } of rows.all()) {
      if (lease_until !== null) claimedAt.set(id, stage.clock.elapsed());
    }
  }

  function claimed(delivery: Delivery, life: Life): void {
    const at = (delivery.lease_until ?? 0) - LEASE_MS_MAX;
    if (!takenUnseen.delete(delivery.id)) wasDue(delivery.id, at);
    if (at >= delivery.useful_until) stage.blame(`${delivery.id} is claimed when it is no longer useful`);
    if (delivery.accepted_at !== null)
      stage.blame(`${delivery.id} is claimed, though the cloud has accepted it`);
    learn(delivery);
    claimedAt.set(delivery.id, stage.clock.elapsed());
    if (delivery.state === "sending") claims.set(delivery.id, life.number);
  }

  function wasDue(id: string, at: number): void {
    const due = dueAt.get(id) ?? null;
    if (due === null || due > at) early.set(id, { at, elapsed: stage.clock.elapsed() });
  }

  function explainsClaim({ id, next_attempt_at }: Delivery): boolean {
    const claim = early.get(id);
    if (claim?.elapsed !== stage.clock.elapsed()) return false;
    return next_attempt_at !== null && next_attempt_at <= claim.at && early.delete(id);
  }

  /** What was under way has been heard. */
  function refuseUnexplained(): void {
    for (const what of late.values()) stage.blame(what);
    late.clear();
    for (const [id, { at }] of early) stage.blame(`${id} is claimed at ${at}, when it is not due`);
    early.clear();
  }

  function second(upForMs: number): void {
    const now = stage.clock.now();
    const elapsed = stage.clock.elapsed();
    refuseUnexplained();
    const cloud = world.cloud();
    const waiting = rows.all();
    const quiet = (printer: string): boolean => {
      const until = cloud.quietUntil.get(printer);
      // An answer that came while the disk was bad is written, and counts, when it is well again.
      const counted = elapsed - upForMs + RETRY_AFTER_MS_MAX;
      return until !== undefined && elapsed < Math.max(until, counted) + SLACK_MS;
    };
    const due = waiting.filter(
      (row) =>
        row.state === "pending" &&
        row.next_attempt_at !== null &&
        row.next_attempt_at <= now &&
        row.useful_until > now &&
        !quiet(row.printer),
    );
    dueSince = due.length === 0 ? null : (dueSince ?? elapsed);
    const silentMs = elapsed - Math.max(cloud.touchedAt, dueSince ?? elapsed);
    if (Math.min(upForMs, silentMs) > CONTACT_MS_MAX + world.takeOverMs) {
      stage.blame(`${due[0]?.id ?? ""} is due, and nothing has gone to the cloud for ${silentMs} ms`);
    }
    if (upForMs <= SLACK_MS) return;
    for (const row of waiting) {
      refuseLongWait(row, now);
      const isLeft = row.lease_until !== null && world.isLeft(row, claimedAt.get(row.id) ?? 0);
      if (isLeft && upForMs > SLACK_MS + world.takeOverMs) {
        stage.blame(`${row.id} (${row.state}), left by a dead process, is not taken up`);
      }
    }
  }

  /** However the clock was set, nothing waits longer than the law says. */
  function refuseLongWait(row: Row, now: number): void {
    if (row.lease_until !== null && row.lease_until - now > LEASE_MS_MAX + SLACK_MS) {
      stage.blame(`${row.id} is leased for ${row.lease_until - now} ms more`);
    }
    const waits = row.state === "pending" || row.state === "verifying";
    if (!waits || row.next_attempt_at === null) return;
    const law =
      (1 + JITTER_MAX) * Math.max(lawOf(row), world.cloud().askedMs.get(row.id) ?? 0, askedByApi(row));
    const waitMs = row.next_attempt_at - now;
    if (waitMs > law + SLACK_MS)
      stage.blame(`${row.id} (${row.state}) is to wait ${waitMs} ms; the law: ${law} ms`);
  }

  function askedByApi(row: Row): number {
    return row.state === "verifying" ? API_RETRY_AFTER_MS_MAX : 0;
  }

  function cloudReturned(scope: string, upForMs: number): void {
    if (upForMs <= SLACK_MS) return;
    const at = stage.clock.elapsed();
    const left = rows.all().filter((row) => {
      const waits =
        row.state === "pending" && row.retry_step > 0 && (row.next_attempt_at ?? 0) > stage.clock.now();
      return waits && (scope === "cloud" || scope === `printer ${row.printer}`);
    });
    // When the answers of all that is under way are heard: what has failed a moment ago, at the same time as another
    // came through, waits rightly.
    void stage.sleep(0).then(() => {
      const wrongly = left.find(({ id }) => at - (dueSet.get(id) ?? 0) > SLACK_MS);
      if (wrongly !== undefined) stage.blame(`the cloud is back for ${scope}, and ${wrongly.id} still waits`);
    });
  }

  return {
    posted,
    cloudReturned,
    ledgerDone,
    ledgerCutOff,
    second,
    redriven: (id) => void redrives.set(id, (redrives.get(id) ?? 0) + 1),
    unsettled: () =>
      rows.all().filter(({ state, attention }) => {
        const held = state === "pending" && attention === "repeat_limit";
        return !held && (state === "verifying" || state === "pending" || state === "sending");
      }),
  };
}

/** The longest that the simulated API asks for. */
const API_RETRY_AFTER_MS_MAX = 20_000;

function lawOf(row: Row): number {
  if (row.retry_step > 0) return RETRY_DELAYS_MS[Math.min(row.retry_step, RETRY_DELAYS_MS.length) - 1] ?? 0;
  return row.state === "verifying" ? 2_000 : (REPEAT_DELAYS_MS[row.unknown_count - 1] ?? 0);
}

function isSameOrder(row: Row, other: Row): boolean {
  return row.store === other.store && row.order_id === other.order_id;
}

/** The one refusal that the world must live with: it tries again. */
export function isOfLedger(error: unknown): boolean {
  return error instanceof RelayError && error.code === "ledger_unavailable";
}
