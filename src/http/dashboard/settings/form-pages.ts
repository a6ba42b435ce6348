import type { Frame } from "../visit.ts";
import { html, type Html } from "../html.ts";
import { factList } from "../layout.ts";
import { formOfFields, type Field, type FormFrame, type Values } from "./form.ts";

export interface FormPage extends FormFrame {
  title: string;
  lead?: Html;
  /** Set when somebody else saved meanwhile: what is stored now. */
  newer?: Values;
}

/** A form with its heading, what is wrong, and where somebody else was quicker what they made of it. */
export function formPage(page: FormPage): Frame {
  const { title, lead, newer } = page;
  const body = html`<p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      ${newer !== undefined && changedMeanwhile(page.fields, page.values, newer)} ${lead}
      ${formOfFields(page)}
    </div>`;
  return { title, section: "/stores-and-printers", body };
}

/** Secrets are never among them: a form holds none. */
function changedMeanwhile(fields: readonly Field[], typed: Values, newer: Values): Html {
  const differing = fields.filter(
    ({ name, control }) => control.kind !== "secret" && (typed.get(name) ?? "") !== (newer.get(name) ?? ""),
  );
  const shown = (value: string | undefined): string =>
    value === undefined || value === "" ? "nothing" : value;
  return html`<section class="problems" role="alert" aria-labelledby="newer">
    <h2 id="newer">Not saved: somebody else saved meanwhile</h2>
    ${
      differing.length === 0
        ? html`<p>What you see is as it is stored now, but for secrets, which are not shown.</p>`
        : html`<p>Stored now, and different from what you typed:</p>
            ${factList(
              differing.map(({ name, label }) => [
                label,
                html`<b>${shown(newer.get(name))}</b> (you: ${shown(typed.get(name))})`,
              ]),
            )}`
    }
    <p>Your values are below. Saving again puts them in the place of what is stored now.</p>
  </section>`;
}

export interface RemovePage {
  kind: "printer" | "store";
  name: string;
  version: string;
  /** What to know before it goes. */
  consequence: Html;
  /** Why it cannot be removed now. */
  obstacle: Html | null;
  /** Why the last try was refused. */
  refusal?: string;
}

export function removePage({ kind, name, version, consequence, obstacle, refusal }: RemovePage): Frame {
  const title = `Remove ${kind} ${name}`;
  const back = `/${kind}s/${name}`;
  const body = html`<p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <div class="form-page">
      <h1>${title}?</h1>
      ${refusal !== undefined && html`<p class="warning" role="alert">${refusal}</p>`}
      ${obstacle ?? consequence}
      ${
        obstacle === null
          ? html`<form method="post" action="${back}/remove">
              <input type="hidden" name="version" value="${version}" />
              <p class="buttons">
                <button class="danger">Remove ${name}</button>
                <a href="${back}">Cancel</a>
              </p>
            </form>`
          : html`<p class="buttons"><a href="${back}">Back to ${name}</a></p>`
      }
    </div>`;
  return { title, section: "/stores-and-printers", body };
}
