import { lasted, REPEAT_AFTER_MS } from "../../core/alert.ts";
import type { Chance } from "../../core/backoff.ts";
import { MINUTE_MS, toRfc3339, type Clock, type UnixMs } from "../../core/time.ts";
import type { NewAlertMessage } from "../../ledger/alert-ledger.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { matterOf } from "./turn.ts";
import type { MessageBody } from "./message.ts";
import { triedOf } from "./outbox.ts";
import type { AlertSender } from "./sender.ts";

export interface LedgerTroubleDeps {
  ledger: Pick<Ledger, "raiseAlert" | "closeAlert" | "ping">;
  /** Null: nobody is told. */
  sender: AlertSender | null;
  clock: Clock;
  chance: Chance;
  makeId: () => string;
  publicUrl: string;
  onFailure: (detail: string) => void;
}

/**
 * The one matter that cannot wait in the ledger: that the ledger cannot be written. It stands there if it can be, and
 * is told from memory if not, with the same tries and one id over all of them.
 */
export interface LedgerTrouble {
  /** Something could not be read or written. */
  seen(detail: string, now: UnixMs): void;
  /** A process that has ended left the matter open in the ledger: this one sees whether it is over. */
  takeUp(now: UnixMs): void;
  /** Whether there is trouble that keeps the ledger from being used. */
  isDown(): boolean;
  /** Asks the ledger whether it answers again, and tells what is to be told. Never throws. */
  work(): Promise<void>;
}

/** It answers again when it has for so long. */
const CALM_MS = MINUTE_MS;
/** The type, and the one matter of it. */
export const LEDGER_FAILED = "ledger.failed";
/** Until this process has seen for itself what fails. */
const OF_BEFORE = "it failed under a process that has ended";

interface Trouble {
  since: UnixMs;
  latest_at: UnixMs;
  reason: string;
  /** Raised there; null: not tried yet. */
  in_ledger: boolean | null;
  /** When it is to be told (again) from memory. */
  tell_at: UnixMs;
  told_times: number;
  told_at: UnixMs;
  message: (NewAlertMessage & { tries: number; next_try_at: UnixMs }) | null;
}

export function createLedgerTrouble(deps: LedgerTroubleDeps): LedgerTrouble {
  const { ledger, sender, clock } = deps;
  let trouble: Trouble | null = null;

  async function raise(now: Trouble): Promise<void> {
    const { since, reason } = now;
    // What has not arrived yet is told from there.
    const isTold = now.told_times > 0 && now.message === null;
    const alert = matterOf(LEDGER_FAILED, { matter: LEDGER_FAILED, store: null, printer: null, reason });
    try {
      await ledger.raiseAlert({ ...alert, raised_at: since, ...(isTold ? { told_at: now.told_at } : {}) });
      now.in_ledger = true;
      now.message = null;
    } catch {
      now.in_ledger = false;
    }
  }

  async function tellFromMemory(now: Trouble): Promise<void> {
    if (sender === null) return;
    const at = clock.now();
    if (now.message === null && at >= now.tell_at) {
      now.message = {
        id: `msg_${deps.makeId()}`,
        body: bodyOf(now, deps.publicUrl, at),
        tries: 0,
        next_try_at: at,
      };
      now.told_at = at;
      now.tell_at = at + (REPEAT_AFTER_MS[Math.min(now.told_times++, REPEAT_AFTER_MS.length - 1)] ?? 0);
    }
    const { message } = now;
    if (message === null || at < message.next_try_at) return;
    const result = await sender.send(message);
    const { next_try_at } = triedOf(result, message.tries, clock.now(), deps.chance);
    if (result.kind !== "sent") deps.onFailure(result.detail);
    now.message = next_try_at === null ? null : { ...message, tries: message.tries + 1, next_try_at };
  }

  return {
    seen(detail, now) {
      if (trouble !== null) {
        trouble.latest_at = now;
        if (trouble.reason === OF_BEFORE) trouble.reason = detail;
        return;
      }
      trouble = begun(detail, now, null);
    },

    takeUp(now) {
      trouble ??= begun(OF_BEFORE, now, true);
    },

    isDown: () => trouble !== null && trouble.in_ledger !== true,

    async work() {
      const now = trouble;
      if (now === null) return;
      if (now.in_ledger !== true) await raise(now);
      if (!now.in_ledger) {
        now.latest_at = clock.now();
        await tellFromMemory(now);
        return;
      }
      try {
        await ledger.ping(clock.now());
        const at = clock.now();
        if (at - now.latest_at < CALM_MS && at >= now.latest_at) return;
        await ledger.closeAlert(LEDGER_FAILED, { at, ended: "it can be read and written again" });
        trouble = null;
      } catch {
        now.latest_at = clock.now();
        // What stands there cannot be told from there.
        now.in_ledger = false;
      }
    },
  };
}

function begun(reason: string, now: UnixMs, in_ledger: boolean | null): Trouble {
  const at = { since: now, latest_at: now, tell_at: now, told_at: now };
  return { ...at, reason, in_ledger, told_times: 0, message: null };
}

function bodyOf({ since, reason, told_times }: Trouble, publicUrl: string, at: UnixMs): string {
  const still = told_times === 0 ? "" : `Still so after ${lasted(at - since)}: `;
  const link = `${publicUrl}/`;
  return JSON.stringify({
    type: LEDGER_FAILED,
    timestamp: toRfc3339(at),
    text: `${still}The ledger has trouble: ${reason}. ${link}`,
    data: { state: "open", severity: "critical", reason, raised_at: toRfc3339(since), link, slip: null },
  } satisfies MessageBody);
}
