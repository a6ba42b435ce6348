import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ALERT_KINDS, alertText, type AlertFacts } from "../../src/core/alert.ts";
import {
  afterAttempt,
  afterCloudAccepted,
  afterConfirmation,
  afterConfirmTime,
  afterLostAttempt,
  afterUsefulTime,
  redriven,
} from "../../src/core/decide.ts";
import type { AttemptOutcome, Delivery, Transition } from "../../src/core/delivery.ts";
import { hideWords } from "../../src/core/hide-buyer.ts";
import { hideBehindOurWords } from "../../src/core/our-words.ts";
import { FRESH, NO_JITTER, T0 } from "./a-delivery.ts";

/** All of our own words, and a buyer's mark. */
const BUYER = [
  "the cloud accepted it received redriven reprint staff refused printer confirmed by order last out of time no longer",
  "useful to kitchen sent times may have printed held until works again one more try HTTP answer but not has Quill 555",
];
const hidden = (text: string): string => hideBehindOurWords(text, (said) => hideWords(said, BUYER));

const MOMENT = { now: T0, chance: NO_JITTER };
const PRINTER = { endpoint: "cancelorder", confirm_within_s: 60, useful_for_s: 60 } as const;
const SENDING: Delivery = { ...FRESH, state: "sending", unknown_count: 3 };
const answered = (kind: AttemptOutcome["kind"]): AttemptOutcome => ({
  ...{ kind, detail: "HTTP 400: Quill", http_status: 400, retry_after_ms: null, order_unknown: false },
  ...{ response: null, clock_skew_ms: null },
});
const word = { verdict: "accepted", message: "Quill", time: null } as const;

describe("bug: of a buyer who said what we say, our own words were hidden", () => {
  test.each<[string, Transition | null]>([
    ["the cloud accepted it", afterAttempt(SENDING, answered("accepted"), PRINTER, MOMENT)],
    ["refused by the cloud: HTTP 400: …", afterAttempt(SENDING, answered("rejected"), PRINTER, MOMENT)],
    [
      "sent 4 times, may have printed; held until the cloud works: HTTP 400: …",
      afterAttempt(SENDING, answered("unknown"), PRINTER, MOMENT),
    ],
    [
      "sent 5 times, may have printed; held until it is redriven: HTTP 400: …",
      afterAttempt({ ...SENDING, unknown_count: 4 }, answered("unknown"), PRINTER, MOMENT),
    ],
    [
      "sent 4 times, may have printed; held until the cloud works: the relay stopped before the answer came",
      afterLostAttempt(SENDING, MOMENT),
    ],
    ["the printer confirmed: …", afterConfirmation(SENDING, word, T0)],
    ["staff refused it at the printer: …", afterConfirmation(SENDING, { ...word, verdict: "rejected" }, T0)],
    [
      "out of time: no longer useful to the kitchen; last: HTTP 503: …",
      afterUsefulTime({ ...FRESH, state: "pending", useful_until: T0, last_error: "HTTP 503: Quill" }, T0),
    ],
    [
      "accepted by the cloud, but the printer has not confirmed",
      afterConfirmTime({ ...FRESH, state: "accepted", confirm_by: T0 }, T0),
    ],
    [
      "the cloud works again: one more try",
      afterCloudAccepted({ ...FRESH, state: "pending", next_attempt_at: null }, MOMENT),
    ],
    ["redriven", redriven({ ...FRESH, state: "dead" }, false, 60, MOMENT)],
  ])("%s", (kept, transition) => {
    expect(hidden(transition?.note ?? "")).toBe(kept);
  });

  test.each(["received", "replayed", "test slip", "the buyer's data was erased"])("%s", (note) => {
    expect(hidden(note)).toBe(note);
  });

  test("an alert keeps what it is about", () => {
    const facts: AlertFacts = {
      ...{
        type: "delivery.dead",
        matter: "",
        delivery_id: "D",
        webhook_id: null,
        order_id: "1",
        order_name: "#1",
      },
      ...{ store: "noodle-bar", printer: "kitchen", reason: "refused by the cloud: no client Quill" },
    };
    expect(hidden(alertText({ ...facts, count: 1, gathered: false }))).toMatch(
      /: the cancellation will not print\. Refused by the cloud: … client …$/,
    );
  });
});

describe("what others say is hidden as before", () => {
  test.each([
    ["Quill received it", "… … …"],
    ["HTTP 400 Quill", "…"],
    ["received by Quill", "…"],
    ["refused by the cloud:Quill", "…:…"],
    ["Order Quill: lost", "… …: lost"],
    ["HTTP 5550123: x", "… 5550123: x"],
  ])("%s", (text) => {
    expect(hidden(text)).toBe(hideWords(text, BUYER));
  });

  test("a mark is left nowhere, whatever stands before it", () => {
    const ours = [
      ...Object.values(ALERT_KINDS).map(({ what }) => what),
      "received",
      "HTTP 400",
      "reprint",
      "Order 1",
    ];
    const parts = fc.array(fc.constantFrom(...ours, ": ", "; last: ", ". ", " ", "\n", "Quill", "x"), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(parts, (said) => {
        expect(hidden(said.join(""))).not.toMatch(/\bQuill\b/);
      }),
    );
  });
});
