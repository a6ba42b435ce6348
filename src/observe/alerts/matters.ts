import { SECOND_MS } from "../../core/time.ts";
import type { WebhookRefusal } from "../../core/webhook.ts";
import type { RelayEvent } from "../events.ts";
import { storeTurn, type RefusedRounds } from "./store-matters.ts";
import { matterOf, type Turn } from "./turn.ts";
import type { Turns } from "./turns.ts";

/** What an event opens or closes. Asked on every event, so it costs nothing where nothing is open and all is well. */
export interface Matters {
  turnOf(event: RelayEvent): Turn | null;
}

/** An attempt is signed with the clock's time, and nobody knows how far off the cloud lets it be. */
const CLOCK_SKEW_MS_MAX = 30 * SECOND_MS;
/** Answers in a row on one side of the limit: one server of many may have a wrong clock. */
const SKEW_ANSWERS = 3;

/** Refusals that anybody may cause and no store's platform does: counted and logged, and nobody is woken. */
const ANYBODY: readonly WebhookRefusal[] = ["unknown_token", "unsigned", "malformed_signature"];

/** @param mayBeOpen for what may have been left open and is over before anybody knows of it */
export function createMatters({ isOpen, mayBeOpen }: Pick<Turns, "isOpen" | "mayBeOpen">): Matters {
  const skew = createSkew(isOpen);
  const refused: RefusedRounds = new Map();

  function onAttempt(event: Extract<RelayEvent, { event: "delivery.attempted" }>): Turn | null {
    const turn = event.clock_skew_ms === null ? null : skew(event.clock_skew_ms);
    if (event.outcome !== "accepted" && event.outcome !== "rejected") return turn;
    // A process that was started during an outage has never seen it begin, and will not see it end.
    const scopes = ["cloud", `printer ${event.printer}`].map(cloudMatter).filter(mayBeOpen);
    if (scopes.length === 0) return turn;
    return {
      ...turn,
      close: [...(turn?.close ?? []), ...scopes.map((matter) => ({ matter, ended: "it answers" }))],
    };
  }

  return {
    turnOf(event) {
      if ("api" in event) return storeTurn(event, isOpen, refused);
      switch (event.event) {
        case "webhook.received": {
          const matter = refusedMatter(event.store);
          if (event.replayed === true || !isOpen(matter)) return null;
          return { close: [{ matter, ended: "an authentic webhook has come" }] };
        }
        case "webhook.refused": {
          const { store, why, detail } = event;
          if (store === null || ANYBODY.includes(why) || isOpen(refusedMatter(store))) return null;
          const of = { matter: refusedMatter(store), store, printer: null };
          return { raise: matterOf("webhook.refused", { ...of, reason: detail }) };
        }
        case "cloud.lost": {
          const { scope, detail } = event;
          const of = { matter: cloudMatter(scope), store: null, printer: printerOf(scope) };
          return { raise: matterOf("cloud.lost", { ...of, reason: detail }) };
        }
        case "cloud.returned": {
          const matter = cloudMatter(event.scope);
          return {
            close: [{ matter, ended: `it takes orders again, and ${event.released} that waited go out` }],
          };
        }
        case "buyer.forgetting_failed": {
          if (event.erased || isOpen(UNDONE)) return null;
          const of = { matter: UNDONE, store: event.store, printer: null };
          return { raise: matterOf(UNDONE, { ...of, reason: event.detail }) };
        }
        case "buyer.forgotten":
          return isOpen(UNDONE) ? { close: [{ matter: UNDONE, ended: "it is" }] } : null;
        case "ledger.lost": {
          const of = { matter: event.event, store: null, printer: null };
          return { raise: matterOf("ledger.lost", { ...of, reason: event.detail }) };
        }
        case "delivery.attempted":
          return onAttempt(event);
        default:
          return null;
      }
    },
  };
}

/** The oldest is erased first, and while it is not, none behind it is. */
const UNDONE = "erasure.undone";

const SKEWED = "clock.skewed";

function createSkew(isOpen: (matter: string) => boolean): (skewMs: number) => Turn | null {
  let beyond = 0;
  let within = 0;
  return (skewMs) => {
    const isBeyond = Math.abs(skewMs) > CLOCK_SKEW_MS_MAX;
    beyond = isBeyond ? beyond + 1 : 0;
    within = isBeyond ? 0 : within + 1;
    if (isBeyond && beyond >= SKEW_ANSWERS && !isOpen(SKEWED)) {
      const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
      const reason = `it is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the printer cloud's: set it by NTP`;
      return { raise: matterOf(SKEWED, { matter: SKEWED, store: null, printer: null, reason }) };
    }
    if (!isBeyond && within >= SKEW_ANSWERS && isOpen(SKEWED)) {
      return { close: [{ matter: SKEWED, ended: "it agrees with the printer cloud's again" }] };
    }
    return null;
  };
}

function refusedMatter(store: string): string {
  return `webhook.refused ${store}`;
}

function cloudMatter(scope: string): string {
  return `cloud.lost ${scope}`;
}

function printerOf(scope: string): string | null {
  return scope.startsWith("printer ") ? scope.slice("printer ".length) : null;
}
