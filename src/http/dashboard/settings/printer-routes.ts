import { isDeepStrictEqual } from "node:util";
import { RelayError } from "../../../core/errors.ts";
import { printerSchema, type PrinterSettings } from "../../../core/settings.ts";
import { pathParameter } from "../../request.ts";
import { waitingFor } from "../../../answers/waiting.ts";
import { html } from "../html.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { formPage, removePage, type FormPage } from "./form-pages.ts";
import { doneIn, findPrinter, isConflict, printerOf } from "./lookup.ts";
import { printerFields, printerInput, printerValues } from "./printer-fields.ts";
import { printerPage } from "./printer-page.ts";
import { readBy, typedOver, versionOf } from "./read.ts";

/** What the form for a new one begins with: the apply file's defaults, and no name. */
const DEFAULTS = new Map([
  ...printerValues(printerSchema.parse({ name: "new", api_key: "none" })),
  ["name", ""],
]);

export function printerRoutes(deps: DashboardDeps, { page, form, act }: Mount): void {
  page("/printers/:name", (req, { role }) => printerPage(deps, printerOf(deps, req), role, doneIn(req)));
  form("/add-printer", () => formPage(printerForm(deps, null)));
  form("/printers/:name/edit", (req) => formPage(printerForm(deps, printerOf(deps, req))));
  form("/printers/:name/remove", (req) => removal(deps, printerOf(deps, req)));
  act("/add-printer", (_req, posted) => save(deps, null, posted));
  act("/printers/:name/edit", (req, posted) => save(deps, printerOf(deps, req), posted));
  act("/printers/:name/remove", (req, posted) => remove(deps, pathParameter(req, "name"), posted));
}

/** @param stored null: a new one */
function printerForm(
  deps: DashboardDeps,
  stored: PrinterSettings | null,
  again: Partial<Pick<FormPage, "values" | "problems" | "newer" | "hidden">> = {},
): FormPage {
  const place = stored === null ? "/add-printer" : `/printers/${stored.name}/edit`;
  return {
    title: stored === null ? "Add a printer" : `Edit printer ${stored.name}`,
    action: place,
    fields: printerFields(stored),
    values: stored === null ? DEFAULTS : printerValues(stored),
    problems: new Map(),
    hidden: { version: versionOf(deps.session_key, "printer", stored) },
    button: stored === null ? "Add the printer" : "Save",
    cancel: stored === null ? "/stores-and-printers" : `/printers/${stored.name}`,
    ...again,
  };
}

async function save(deps: DashboardDeps, seen: PrinterSettings | null, { form, by }: Posted): Promise<Next> {
  const fields = printerFields(seen);
  const values = typedOver(fields, seen === null ? DEFAULTS : printerValues(seen), form);
  const read = readBy(printerSchema, printerInput(values, seen), fields);
  if (!read.ok) {
    // Still of what was looked at: else the mended form would not be seen to be late.
    const again = { values, problems: read.problems, hidden: { version: form.get("version") ?? "" } };
    return { status: 400, frame: formPage(printerForm(deps, seen, again)) };
  }
  const { value: to } = read;
  const done = { to: `/printers/${to.name}?done=${seen === null ? "added" : "saved"}` };
  const now = findPrinter(deps, to.name);
  // The same form sent twice is saved once.
  if (isDeepStrictEqual(now, to)) return done;
  if (form.get("version") !== versionOf(deps.session_key, "printer", now)) {
    return tooLate(deps, seen, now, values);
  }
  try {
    await deps.relay.changeSettings({ kind: "printer", name: to.name, seen: now, to }, by);
    return done;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return tooLate(deps, seen, findPrinter(deps, to.name), values);
  }
}

/** Somebody was quicker. @param now what is stored by that name now; null: it was removed */
function tooLate(
  deps: DashboardDeps,
  seen: PrinterSettings | null,
  now: PrinterSettings | null,
  values: FormPage["values"],
): Next {
  if (seen === null) {
    const problems = new Map([["name", "there is a printer of this name already"]]);
    return { status: 409, frame: formPage(printerForm(deps, null, { values, problems })) };
  }
  if (now === null) throw new RelayError("not_found", `Printer ${seen.name} was removed meanwhile.`);
  return {
    status: 409,
    frame: formPage(printerForm(deps, now, { values, newer: printerValues(now) })),
  };
}

async function removal(deps: DashboardDeps, printer: PrinterSettings, refusal?: string): Promise<Frame> {
  const { name } = printer;
  const users = deps.settings().stores.filter((store) => store.printer === name);
  const waiting = await waitingFor(deps.ledger, name);
  return removePage({
    kind: "printer",
    name,
    version: versionOf(deps.session_key, "printer", printer),
    ...(refusal === undefined ? {} : { refusal }),
    obstacle:
      users.length === 0
        ? null
        : html`<p>It cannot be removed while stores print on it. Give these another printer first:</p>
            <ul class="plain">
              ${users.map((user) => html`<li><a href="/stores/${user.name}/edit">${user.name}</a></li>`)}
            </ul>`,
    consequence: html`<p>
        Its keys are forgotten. Deliveries that went to it keep its name and can still be looked at.
      </p>
      ${
        waiting !== null &&
        html`<p class="warning">
          ${waiting} for it, and cannot be printed until a printer ${name} is added again.
          <a href="/deliveries?printer=${name}">Which</a>
        </p>`
      }`,
  });
}

async function remove(deps: DashboardDeps, name: string, { form, by }: Posted): Promise<Next> {
  const done = { to: "/stores-and-printers?done=removed" };
  const printer = findPrinter(deps, name);
  if (printer === null) return done;
  if (form.get("version") !== versionOf(deps.session_key, "printer", printer)) {
    const refusal = "It was changed since you looked at it. Look again, then decide.";
    return { status: 409, frame: await removal(deps, printer, refusal) };
  }
  try {
    await deps.relay.changeSettings({ kind: "printer", name, seen: printer, to: null }, by);
    return done;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return { status: 409, frame: await removal(deps, printer, error.message) };
  }
}
