import type { Frame } from "../visit.ts";
import { html, type Html } from "../html.ts";
import { factList } from "../layout.ts";
import { formOfFields, type Field, type FormFrame, type Problems, type Values } from "./form.ts";

export interface FormPage extends FormFrame {
  title: string;
  lead?: Html;
  /** Set when somebody else saved meanwhile: what is stored now. */
  newer?: Values;
}

/** A form with its heading, what is wrong, and where somebody else was quicker what they made of it. */
export function formPage(page: FormPage): Frame {
  const { title, lead, newer, fields, values } = page;
  const differing = newer === undefined ? [] : differingFields(fields, values, newer);
  const isAgain = page.problems.size > 0 || newer !== undefined;
  const frame = {
    ...page,
    problems: isAgain ? withSecretsToRetype(page) : page.problems,
    opened: differing,
  };
  const body = html`<p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      ${newer !== undefined && changedMeanwhile(differing, values, newer)} ${lead} ${formOfFields(frame)}
    </div>`;
  return { title, section: "/stores-and-printers", body };
}

/** Secrets are never among them: a form holds none. */
function differingFields(fields: readonly Field[], typed: Values, newer: Values): Field[] {
  return fields.filter(
    ({ name, control }) => control.kind !== "secret" && (typed.get(name) ?? "") !== (newer.get(name) ?? ""),
  );
}

/** A page never holds a secret, not even the one just typed: so whoever gets the form again must type it again. */
function withSecretsToRetype({ fields, values, problems }: FormPage): Problems {
  const typed = fields.filter(
    ({ name, control }) => control.kind === "secret" && (values.get(name) ?? "") !== "",
  );
  const again = typed.map(
    ({ name }) => [name, "type it again: a secret is never sent back to the page"] as const,
  );
  return new Map([...again, ...problems]);
}

function changedMeanwhile(differing: readonly Field[], typed: Values, newer: Values): Html {
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
