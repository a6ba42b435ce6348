import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DELIVERY_STATES, type Delivery } from "../../src/core/delivery.ts";
import { html, raw } from "../../src/http/dashboard/html.ts";
import { printerSchema } from "../../src/core/settings.ts";
import { agoText, clockText, spanText, zonesOf } from "../../src/answers/moments.ts";
import { stateWord, verdictOf } from "../../src/answers/verdict.ts";
import { aDelivery, NOW } from "../http/samples.ts";

const taipei = { now: NOW, zone: "Asia/Taipei" };
const held = { state: "pending", next_attempt_at: null, attempt_count: 4, may_be_repeat: true } as const;

describe("did it print, and if not, why?", () => {
  test.each<[Partial<Delivery>, string, string, RegExp]>([
    [{ state: "printed" }, "good", "Printed", /^Confirmed at 15:59:05, 5 s after/],
    [
      { state: "accepted", confirm_by: NOW + 60_000 },
      "wait",
      "Sent, not confirmed",
      /at 15:59:01.* until 16:01:00/,
    ],
    [{ state: "accepted", attention: "unconfirmed" }, "bad", "Not confirmed", /nobody has confirmed/],
    [{ state: "sending", attempt_count: 2 }, "wait", "Being sent", /^Attempt 2 is under way/],
    [{ state: "sending", may_be_repeat: true }, "wait", "May have printed", /under way/],
    [
      { state: "pending", attempt_count: 0, next_attempt_at: NOW - 1 },
      "wait",
      "Not sent yet",
      /^Goes out now/,
    ],
    [
      { state: "pending", attempt_count: 0, next_attempt_at: NOW - 300_000 },
      "bad",
      "Not sent yet",
      /^It was due 5 min ago and waits/,
    ],
    [
      { state: "pending", attempt_count: 2, next_attempt_at: NOW - 60_000, last_error: "HTTP 503" },
      "bad",
      "Did not print yet",
      /^It was due 1 min ago and waits.* Last: HTTP 503\.$/,
    ],
    [
      { state: "pending", attempt_count: 3, next_attempt_at: NOW + 20_000, last_error: "no connection" },
      "wait",
      "Did not print yet",
      /^Attempt 4 in 20 s\. Last: No connection\.$/,
    ],
    [{ ...held, last_error: "no answer" }, "bad", "May have printed", /^Tried 4 times/],
    [{ state: "verifying", next_attempt_at: NOW }, "wait", "Not sent yet", /store's API is asked/],
    [
      { state: "verifying", attention: "verify_failing", next_attempt_at: NOW + 40_000, last_error: "401" },
      "bad",
      "Did not print yet",
      /has not said whether the order is cancelled\. 401\. Asked again in 40 s/,
    ],
    [
      { state: "dead", last_error: "refused by the cloud: sign error" },
      "bad",
      "Did not print",
      /^Refused by.*error\.$/,
    ],
    [{ state: "dead", may_be_repeat: true }, "bad", "May have printed", /./],
    [{ state: "rejected", last_error: "refused at the printer: late" }, "bad", "Refused by staff", /late\.$/],
    [{ state: "void", last_error: "order is open" }, "off", "No slip due", /^Order is open\.$/],
    // Regression: a cancelled test order was told as "Not cancelled".
    [{ state: "void", last_error: "a test order (…)" }, "off", "No slip due", /^A test order/],
  ])("%j: %s, %s", (own, tone, answer, why) => {
    const verdict = verdictOf(aDelivery({ ...own }), taipei);
    expect([verdict.tone, verdict.answer]).toEqual([tone, answer]);
    expect(verdict.why).toMatch(why);
    // Where a person is needed, they are told what to do; elsewhere nothing is asked of them.
    expect(verdict.advice !== null).toBe(tone === "bad");
  });

  test("bug: of an order that another account's token does not know it said that there is nothing to do", () => {
    const told = (last_error: string) => verdictOf(aDelivery({ state: "void", last_error }), taipei);
    for (const unknown of ["FastPOD's API answered 404: Order not found.", "FastPOD has no such order"])
      expect(told(unknown).advice).toMatch(
        /^Has the shop this order\? Then tell the kitchen by hand: .* api\.token/,
      );
    expect(told("the store's API says: the order's status is created").advice).toBeNull();
  });

  const reprint = (own: Partial<Delivery>) =>
    aDelivery({ id: "DL2", kind: "reprint", reprint_of: "DL1", reprint_number: 1, ...own });
  const dead = aDelivery({ state: "dead", attention: "dead", last_error: "refused" });

  test.each<[string, Delivery, Delivery[], string, string, RegExp]>([
    [
      "printed",
      dead,
      [reprint({})],
      "off",
      "Did not print itself",
      /^Printed as reprint 1 at 15:59:05\. Refused\.$/,
    ],
    [
      "on its way",
      dead,
      [reprint({ state: "sending" })],
      "wait",
      "Did not print itself",
      /^Reprint 1 is on its way\./,
    ],
    ["dead too", dead, [reprint({ state: "dead" })], "bad", "Did not print", /^Refused\.$/],
    ["held", dead, [reprint({ ...held })], "bad", "Did not print", /^Refused\.$/],
    [
      "unconfirmed",
      dead,
      [reprint({ state: "accepted", attention: "unconfirmed" })],
      "bad",
      "Did not print",
      /./,
    ],
    [
      "printed, the original waits",
      aDelivery({ ...held }),
      [reprint({})],
      "wait",
      "May have printed itself",
      /^Pr/,
    ],
    ["printed, the original too", aDelivery(), [reprint({})], "good", "Printed", /^Confirmed/],
    [
      "itself, and the original had printed before it was asked for",
      reprint({ state: "dead", created_at: NOW - 50_000 }),
      [aDelivery()],
      ...(["bad", "Did not print", /./] as const),
    ],
    [
      "itself, and the original printed later",
      reprint({ state: "dead", created_at: NOW - 58_000 }),
      [aDelivery()],
      ...(["off", "Did not print itself", /^Printed as the first slip at/] as const),
    ],
  ])("bug: a reprint that is %s counted for nothing", (_, delivery, others, tone, answer, why) => {
    const verdict = verdictOf(delivery, taipei, others);
    expect([verdict.tone, verdict.answer]).toEqual([tone, answer]);
    expect(verdict.why).toMatch(why);
    expect(verdict.advice !== null).toBe(tone === "bad");
  });

  test("what is tried in vain for two minutes is told to the kitchen by hand", () => {
    const tried = { state: "pending", attempt_count: 4, next_attempt_at: NOW + 20_000 } as const;
    const adviceAfter = (ms: number) =>
      verdictOf(aDelivery({ ...tried, created_at: NOW - ms }), taipei).advice;
    expect(adviceAfter(119_999)).toBeNull();
    expect(adviceAfter(120_000)).toMatch(/^Tell the kitchen by hand/);
    // In an outage that is known at once: else an older slip than this one would be told about, and not this.
    const { advice } = verdictOf(aDelivery({ ...tried, created_at: NOW }), { ...taipei, away: true });
    expect(advice).toMatch(/^Tell the kitchen by hand/);
  });

  test.each<[Partial<Delivery>, string, RegExp, RegExp]>([
    [
      { state: "pending", attempt_count: 0, next_attempt_at: NOW - 300_000 },
      "Not sent yet",
      /^It was due 5 min ago and waits: no relay is running to send it\.$/,
      /^Tell the kitchen by hand if it cannot wait\. Start the relay: /,
    ],
    [{ state: "pending", attempt_count: 0, next_attempt_at: NOW }, "Not sent yet", /./, /^Start the relay: /],
    [{ state: "verifying", attention: "verify_failing" }, "Did not print yet", /./, /\. Start the relay: /],
    [{ state: "sending", attempt_count: 1 }, "May have printed", /^Attempt 1 was under way when/, /^Start/],
    [{ state: "accepted" }, "Sent, not confirmed", /./, /^Start the relay: /],
    // What a person is to do about these is the same.
    [{ state: "accepted", attention: "unconfirmed" }, "Not confirmed", /./, /^Ask the kitchen/],
    [{ ...held }, "May have printed", /^Tried 4 times/, /^Look at the printer/],
    [{ state: "dead" }, "Did not print", /./, /Mend the cause, then redrive\.$/],
  ])("bug: with no service running %j was said to go on by itself", (own, answer, why, advice) => {
    const verdict = verdictOf(aDelivery({ ...own }), { ...taipei, unserved: true });
    expect(verdict.answer).toBe(answer);
    expect(verdict.why).toMatch(why);
    expect(verdict.advice).toMatch(advice);
    expect(verdict.advice).not.toMatch(/by itself|page Now/);
  });

  test("bug: in an outage of the cloud what was due said for a minute that it goes out now", () => {
    const due = aDelivery({ state: "pending", attempt_count: 0, next_attempt_at: NOW - 20_000 });
    expect(verdictOf(due, taipei).why).toBe("Goes out as soon as it can: it was due 20 s ago.");
    const { tone, answer, why, advice } = verdictOf(due, { ...taipei, away: true });
    expect([tone, answer]).toEqual(["bad", "Not sent yet"]);
    expect(why).toBe("It was due 20 s ago and waits: the printer cloud takes no orders.");
    expect(advice).toMatch(/^Tell the kitchen by hand if it cannot wait\. It goes out by itself/);
    const later = { ...due, next_attempt_at: NOW + 20_000 };
    expect(verdictOf(later, { ...taipei, away: true }).why).toBe("Goes out in 20 s.");
  });

  test("with no service running what is settled is told as ever", () => {
    for (const state of ["printed", "rejected", "dead", "void"] as const) {
      const own = aDelivery({ state });
      expect(verdictOf(own, { ...taipei, unserved: true })).toEqual(verdictOf(own, taipei));
    }
  });

  test("only what the printer confirmed is called printed", () => {
    for (const state of DELIVERY_STATES.filter((one) => one !== "printed")) {
      expect(verdictOf(aDelivery({ state }), taipei).answer).not.toBe("Printed");
      expect(verdictOf(aDelivery({ state }), taipei).tone).not.toBe("good");
    }
  });

  test("bug: nobody was told that a ticket is damaged: whatever came of it, the answer says so too", () => {
    const ticket = { ...aDelivery().ticket, problems: ["damaged"] };
    for (const state of DELIVERY_STATES) {
      const whole = verdictOf(aDelivery({ state }), taipei);
      const { why, ...rest } = verdictOf(aDelivery({ state, ticket }), taipei);
      expect(why).toMatch(/. Its ticket is damaged in the ledger: the slip says which order/);
      expect({ ...rest, why: whole.why }).toEqual(whole);
    }
  });

  test("a row names what the state alone does not say", () => {
    expect(stateWord(aDelivery(held))).toBe("held");
    expect(stateWord(aDelivery({ state: "accepted", attention: "unconfirmed" }))).toBe("unconfirmed");
    expect(stateWord(aDelivery({ state: "dead" }))).toBe("dead");
  });
});

describe("times", () => {
  test.each([
    [0, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h"],
    [47 * 3_600_000, "47 h"],
    [48 * 3_600_000, "2 d"],
    [-5, "0 s"],
  ])("%i ms is %s", (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });

  test("before, after, and the wall clock of the printer", () => {
    expect(agoText(NOW - 240_000, taipei)).toBe("4 min ago");
    expect(agoText(NOW + 1, taipei)).toBe("in 1 s");
    expect(clockText(NOW, taipei)).toBe("16:00:00");
    expect(clockText(NOW, { now: NOW, zone: "UTC" })).toBe("08:00:00");
    // 23:59:59 of the day before in Taipei, the same day in UTC.
    expect(clockText(NOW - 16 * 3_600_000 - 1000, taipei)).toBe("2027-01-14 23:59:59");
  });
});

describe("times of several zones side by side", () => {
  // The offsets of 2027-01-15: Taipei keeps no summer time, St John's and Paris have theirs in summer.
  test.each([
    ["UTC", "08:00:00 UTC"],
    ["Asia/Taipei", "16:00:00 UTC+8"],
    ["Europe/Paris", "09:00:00 UTC+1"],
    ["America/St_Johns", "04:30:00 UTC-3:30"],
    ["Asia/Kathmandu", "13:45:00 UTC+5:45"],
  ])("%s: %s", (zone, text) => {
    expect(clockText(NOW, { now: NOW, zone, named: true })).toBe(text);
  });

  const printers = ["Asia/Taipei", "Europe/Paris", "Asia/Taipei"].map((time_zone, index) =>
    printerSchema.parse({ name: `p${String(index)}`, api_key: "k", time_zone }),
  );

  test("rows name their zones only where they differ", () => {
    const [first, , third] = printers;
    const mixed = zonesOf({ printers, stores: [] }, NOW);
    const alike = zonesOf({ printers: [first!, third!], stores: [] }, NOW);
    expect(clockText(NOW, mixed({ printer: "p1" }))).toBe("09:00:00 UTC+1");
    expect(clockText(NOW, alike({ printer: "p0" }))).toBe("16:00:00");
  });
});

describe("html", () => {
  test("escapes what is put in, joins lists, leaves out nothing", () => {
    expect(
      html`<p title="${`"'`}">${"<b>&"}${null}${undefined}${false}${0}${["<", html`<i></i>`]}</p>`.text,
    ).toBe('<p title="&quot;&#39;">&lt;b&gt;&amp;0&lt;<i></i></p>');
    expect(html`${raw("<hr>")}`.text).toBe("<hr>");
    // A body cannot pose as trusted text.
    expect(() => html`${JSON.parse('{"text":"<script>"}') as string}`).toThrow(TypeError);
  });

  test("no text makes a tag or leaves its attribute", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const [, inAttribute = "<", inside = "<"] = /^<a href="([^]*?)">([^]*)<\/a>$/.exec(
          html`<a href="${text}">${text}</a>`.text,
        ) ?? ["", "<", "<"];
        expect(inAttribute + inside).not.toMatch(/[<>"']/);
      }),
    );
  });
});
