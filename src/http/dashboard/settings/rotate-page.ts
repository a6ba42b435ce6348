import { validAt } from "../../../core/expiring.ts";
import { proofsOf, type StoreSettings } from "../../../core/settings.ts";
import { DAY_MS, MINUTE_MS, toRfc3339, wallClock, type UnixMs } from "../../../core/time.ts";
import { html, type Html } from "../html.ts";
import type { Frame } from "../visit.ts";
import type { Field, Values } from "./form.ts";
import { SECRET_NAMES } from "./store-fields.ts";
import { addressBox } from "./steps.ts";

/** Long enough for every admin's time zone and a forgotten evening. */
const OLD_VALID_MS = DAY_MS;

export function rotateFields(store: StoreSettings, zone: string, now: UnixMs): Field[] {
  const fields: Field[] = [];
  if (store.platform !== "fastpod") {
    fields.push({
      name: "secret",
      label: `New ${SECRET_NAMES[store.platform]}`,
      hint: "It verifies as soon as it is saved, and is never shown again.",
      control: { kind: "secret", kept: false },
    });
  }
  if (validAt(proofsOf(store), now).length === 0) return fields;
  const what = store.platform === "fastpod" ? "The address so far" : "The secret so far";
  fields.push(
    {
      name: "old",
      label: `${what} stays valid`,
      control: {
        kind: "radio",
        options: [
          { value: "until", label: "until the time below" },
          { value: "always", label: "without end: both are valid" },
          { value: "stop", label: "not a moment longer: it is known to somebody" },
        ],
      },
    },
    {
      name: "valid_until",
      label: "Until",
      hint: `Date and time in ${zone}, the printer's zone. Then it stops by itself.`,
      control: { kind: "moment" },
    },
  );
  return fields;
}

export function rotateValues(zone: string, now: UnixMs): Values {
  return new Map([
    ["old", "until"],
    ["valid_until", localText(now + OLD_VALID_MS, zone)],
  ]);
}

/** Until when the old ones count: null is without end. Or what is wrong with what was typed. */
export function untilOf(
  typed: Values,
  zone: string,
  now: UnixMs,
): { until: UnixMs | null } | { problem: string } {
  if (typed.get("old") === "always") return { until: null };
  if (typed.get("old") === "stop") return { until: now };
  const until = momentIn(typed.get("valid_until") ?? "", zone);
  if (until === null) return { problem: "must be a date and a time, such as 2026-11-25T18:00" };
  if (until <= now) return { problem: "is in the past: choose a later time, or let it stop at once" };
  return { until };
}

/** As `datetime-local` writes it. */
function localText(at: UnixMs, zone: string): string {
  const { year, month, day, hour, minute } = wallClock(at, zone);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** A moment by the clock on a wall in that zone; in the hour that a clock skips, the moment after it. */
export function momentIn(text: string, zone: string): UnixMs | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?$/.exec(text);
  if (match === null) return null;
  const [, day = "", time = ""] = match;
  const asUtc = Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(asUtc) || toRfc3339(asUtc).slice(0, 10) !== day) return null;
  // The offset there may differ from the one here: a second look settles it, but where a clock is put on.
  const first = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(first, zone);
}

function offsetAt(at: UnixMs, zone: string): number {
  const shown = Date.parse(`${localText(at, zone)}:00Z`);
  return shown - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** FastPOD's address with its token, on this page and never again. */
export function newAddressPage(store: StoreSettings, address: string, lead: string): Frame {
  const title = `The address of ${store.name}`;
  const body = html`<p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      <p class="notice" role="status">${lead}</p>
      <p><b>Copy it now: it is shown this once.</b> The relay keeps only a hash of the token at its end.</p>
      ${addressBox("webhook-address", address)}
      <p class="buttons"><a class="button" href="/stores/${store.name}">I have it: go on to the store</a></p>
    </div>`;
  return { title, section: "/stores-and-printers", body };
}

export function rotateLead(store: StoreSettings): Html {
  if (store.platform === "fastpod") {
    return html`<p>
      The relay makes a new address with a token of its own and shows it once, on the next page. Register it
      at FastPOD before the old one stops.
    </p>`;
  }
  return html`<p>
    Give the new secret here first, then change it in the shop's admin: for as long as both are valid, no
    webhook is refused.
  </p>`;
}
