import type { IncomingMessage } from "node:http";
import { beforeEach, describe, expect, test } from "vitest";
import { createGatekeeper, type Gatekeeper } from "../../src/http/gatekeeper.ts";
import type { EndedSession } from "../../src/ledger/session-ledger.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

let clock: ManualClock;
beforeEach(() => {
  clock = createManualClock();
});

/** One relay's; all have the same key and tokens. */
function gatekeeper(own: Partial<Parameters<typeof createGatekeeper>[0]>): Gatekeeper {
  return createGatekeeper({
    ...{ admin_token: "a".repeat(40), viewer_token: null, session_key: Buffer.alloc(32, 1), clock },
    ...{ public_url: "https://relay.test", sessionMs: 3_600_000, ended_sessions: [], onForeignWrite: null },
    endedSessions: () => Promise.resolve([]),
    closing: new AbortController().signal,
    endSession: () => Promise.resolve(),
    log: { refused: () => null, signedOut: () => undefined },
    ...own,
  });
}

const requestWith = (headers: Record<string, string>): IncomingMessage =>
  ({ headers }) as unknown as IncomingMessage;
const cookieOf = (setCookie: string): string => setCookie.split(";")[0] ?? "";

describe("a session on several relays", () => {
  test("one that another relay ended is none here either, within a second of its notice", async () => {
    const closing = new AbortController();
    const ended: EndedSession[] = [];
    let asked = 0;
    let notice = (): void => undefined;
    let failing = false;
    const keeper = gatekeeper({
      closing: closing.signal,
      endedSessions() {
        asked++;
        return failing ? Promise.reject(new Error("away")) : Promise.resolve([...ended]);
      },
      onForeignWrite(listener) {
        notice = listener;
        return () => (notice = () => undefined);
      },
    });
    const elsewhere = gatekeeper({
      endSession: (session) => Promise.resolve(void ended.push(session)),
    });
    const cookies = ["A", "B", "C"].map((name) => cookieOf(keeper.signIn("admin", name)));
    const isIn = (n: number): boolean => keeper.visitorOf(requestWith({ cookie: cookies[n] ?? "" })) !== null;
    const endElsewhere = (n: number): Promise<string> =>
      elsewhere.signOut(requestWith({ cookie: cookies[n] ?? "" }));

    // Asked once when it began, and then once a second at most, however many notices come.
    await clock.advance(1_000);
    await endElsewhere(0);
    notice();
    await clock.settle();
    expect([isIn(0), isIn(1), asked]).toEqual([false, true, 2]);
    await endElsewhere(1);
    for (let n = 0; n < 50; n++) notice();
    await clock.advance(999);
    expect([isIn(1), asked]).toEqual([true, 2]);
    await clock.advance(1);
    expect([isIn(1), isIn(2), asked]).toEqual([false, true, 3]);

    // A ledger that is away takes nobody's session, and is asked again.
    failing = true;
    await clock.advance(5_000);
    notice();
    await clock.advance(1_000);
    expect(isIn(2)).toBe(true);
    failing = false;
    await endElsewhere(2);
    notice();
    await clock.settle();
    expect(isIn(2)).toBe(false);

    const before = asked;
    closing.abort();
    notice();
    await clock.advance(10_000);
    expect(asked).toBe(before);
  });

  test("one that was ended between the start and the first request is none", async () => {
    const ended: EndedSession[] = [];
    const first = gatekeeper({ endSession: (session) => Promise.resolve(void ended.push(session)) });
    const cookie = cookieOf(first.signIn("admin"));
    await first.signOut(requestWith({ cookie }));
    const late = gatekeeper({
      endedSessions: () => Promise.resolve(ended),
      onForeignWrite: () => () => undefined,
    });
    await clock.settle();
    expect(late.visitorOf(requestWith({ cookie }))).toBeNull();
  });
});
