import type { AttemptOutcome } from "../../src/core/delivery.ts";
import { judgeAnswer } from "../../src/goodcom/answer.ts";
import type { GoodcomClient, SendRequest } from "../../src/goodcom/api.ts";
import type { Life } from "./life.ts";
import type { Stage } from "./stage.ts";

export type CloudWeather = "fine" | "lossy" | "away" | "busy" | "limiting" | "silent";

/** What becomes of one POST. Those of the second line print, whatever the relay hears. */
type Fate =
  | ("unreachable" | "busy" | "limited" | "refused" | "unknown_order" | "failed" | "swallowed" | "overdue")
  | ("taken" | "slow" | "lost" | "broken" | "garbled");
const PRINTING: readonly Fate[] = ["taken", "slow", "lost", "broken", "garbled"];

/** One POST as it came to the cloud. */
export interface Post {
  delivery: string;
  life: number;
  /** The relay's clock, and the time that has passed. */
  at: number;
  elapsed: number;
  request: SendRequest;
  fate: Fate;
  printed: boolean;
  /** When the answer, or the lack of one, got back to the relay; null while it waits. */
  answeredAt: number | null;
}

export interface SimulatedCloud {
  weather: CloudWeather;
  posts: Post[];
  /** When anything last came: a POST or a bare connection. */
  touchedAt: number;
  /** Until when a printer was asked to wait (429), by the time that passes. */
  quietUntil: Map<string, number>;
  /** The longest `Retry-After` it has asked a delivery for. */
  askedMs: Map<string, number>;
  ofLife(life: Life): GoodcomClient;
}

interface Hooks {
  /** A POST is here, and nothing has been done with it. */
  onPost: (post: Post) => void;
  onPrinted: (post: Post) => void;
}

const FATES: Record<CloudWeather, Partial<Record<Fate, number>>> = {
  fine: { taken: 90, unknown_order: 10 },
  lossy: {
    ...{ taken: 40, slow: 8, lost: 12, broken: 8, garbled: 3 },
    ...{
      unreachable: 8,
      busy: 6,
      limited: 2,
      refused: 3,
      unknown_order: 5,
      failed: 5,
      swallowed: 4,
      overdue: 1,
    },
  },
  away: { unreachable: 1 },
  busy: { busy: 1 },
  limiting: { limited: 3, taken: 1 },
  silent: { lost: 2, swallowed: 2, overdue: 3 },
};

/** The client gives up then: connect 5 s, headers 30 s, body 10 s. */
export const GIVEN_UP_MS = 45_000;

/** The longest that it asks for. */
export const RETRY_AFTER_MS_MAX = 30_000;

export function createSimulatedCloud(stage: Stage, { onPost, onPrinted }: Hooks): SimulatedCloud {
  const dice = stage.dice.fork("cloud");

  function fateOf(request: SendRequest): Fate {
    if (stage.calm) return "taken";
    const fate = dice.weigh(FATES[cloud.weather] as Record<Fate, number>);
    const known = request.printer.endpoint !== "cancel_then_submit" || request.endpoint === "submitorder";
    return fate === "unknown_order" && known ? "taken" : fate;
  }

  function delayOf(fate: Fate): number {
    if (fate === "slow") return dice.int(2_000, 40_000);
    if (fate === "lost" || fate === "swallowed") return dice.happens(0.5) ? GIVEN_UP_MS : dice.int(1, 500);
    // Longer than any lease, as for a process that was held up.
    if (fate === "overdue") return dice.int(76_000, 100_000);
    return dice.int(1, 300);
  }

  async function post(request: SendRequest, life: Life): Promise<AttemptOutcome> {
    const fate = fateOf(request);
    const made: Post = {
      delivery: request.idempotency_key,
      life: life.number,
      at: stage.clock.now(),
      elapsed: stage.clock.elapsed(),
      request,
      fate,
      printed: PRINTING.includes(fate),
      answeredAt: null,
    };
    cloud.touchedAt = made.elapsed;
    stage.tell(`cloud    POST ${request.endpoint} ${request.order.order_id} of ${made.delivery}: ${fate}`);
    onPost(made);
    cloud.posts.push(made);
    if (made.printed) onPrinted(made);
    await stage.sleep(delayOf(fate));
    made.answeredAt = stage.clock.elapsed();
    const outcome = outcomeOf(
      fate,
      dice.happens(0.5) ? dice.int(1, RETRY_AFTER_MS_MAX / 1000) : null,
      stage.clock.now(),
    );
    if (outcome.retry_after_ms !== null) {
      const asked = Math.max(outcome.retry_after_ms, cloud.askedMs.get(made.delivery) ?? 0);
      cloud.askedMs.set(made.delivery, asked);
    }
    if (fate === "limited") {
      const until = made.answeredAt + (outcome.retry_after_ms ?? 0);
      cloud.quietUntil.set(
        request.printer.name,
        Math.max(until, cloud.quietUntil.get(request.printer.name) ?? 0),
      );
    }
    return outcome;
  }

  const cloud: SimulatedCloud = {
    weather: "fine",
    posts: [],
    touchedAt: 0,
    quietUntil: new Map(),
    askedMs: new Map(),
    ofLife: (life) => ({
      send: (request, mayLeave = () => true) =>
        life.cross(async () => ({
          outcome: mayLeave() ? await post(request, life) : noAnswer("unavailable", "not sent: too late"),
          sent: JSON.stringify({ order_id: request.order.order_id }),
        })),
      reachable: () =>
        life.cross(async () => {
          cloud.touchedAt = stage.clock.elapsed();
          await stage.sleep(5);
          return stage.calm || cloud.weather !== "away";
        }),
      clockSkewMs: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    }),
  };
  return cloud;
}

/** Answers go through the product's own judgement; a lack of one is what its client makes of it. */
function outcomeOf(fate: Fate, retryAfterS: number | null, now: number): AttemptOutcome {
  const answer = (status: number, body: string): AttemptOutcome => {
    const headers = retryAfterS === null ? {} : { "retry-after": String(retryAfterS) };
    return judgeAnswer({ status, headers, body: Buffer.from(body), cut: null }, ["0", "200"], now);
  };
  switch (fate) {
    case "taken":
    case "slow":
      return answer(200, '{"code":0,"msg":"ok"}');
    case "garbled":
      return answer(200, "<html>");
    case "broken":
    case "failed":
      return answer(500, "oops");
    case "refused":
      return answer(200, '{"code":1003,"msg":"sign error"}');
    case "unknown_order":
      return answer(200, '{"code":1001,"msg":"order not found"}');
    case "busy":
      return answer(503, "");
    case "limited":
      return answer(429, "");
    case "unreachable":
      return noAnswer("unavailable", "not sent: the cloud refused the connection");
    case "lost":
    case "swallowed":
    case "overdue":
      return noAnswer("unknown", "no answer");
  }
}

function noAnswer(kind: "unavailable" | "unknown", detail: string): AttemptOutcome {
  const nothing = { http_status: null, retry_after_ms: null, response: null, clock_skew_ms: null };
  return { kind, detail, order_unknown: false, ...nothing };
}
