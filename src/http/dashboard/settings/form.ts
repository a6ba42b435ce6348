import { html, raw, type Html } from "../html.ts";

/** One question of a form. Its name is the path of the setting it fills: `sign.algorithm`. */
export interface Field {
  name: string;
  label: string;
  hint?: string;
  control: Control;
  /** Unusual: under "More". */
  more?: true;
}

type Control =
  | { kind: "text"; charsMax: number; suggestions?: readonly string[] }
  | { kind: "number"; min: number; max: number }
  /** Never shown. `kept`: there is one, and an empty field leaves it. */
  | { kind: "secret"; kept: boolean }
  | { kind: "moment" }
  | { kind: "choice"; options: readonly Option[] }
  /** One of few, all to be seen at once. */
  | { kind: "radio"; options: readonly Option[] }
  | { kind: "check" };

export interface Option {
  value: string;
  label: string;
}

/** What stands in a form: as typed, or as it is stored. By field name; a secret's is never sent back. */
export type Values = ReadonlyMap<string, string>;
/** What is wrong, by field name; under `""` what belongs to none. */
export type Problems = ReadonlyMap<string, string>;

export interface FormFrame {
  /** Where it is posted to. */
  action: string;
  fields: readonly Field[];
  values: Values;
  problems: Problems;
  /** Sent along unseen. */
  hidden: Record<string, string>;
  button: string;
  /** To be seen even where they stand under "More". */
  opened?: readonly Field[];
  /** Where one goes who changes nothing. */
  cancel: string;
  /** Names that way where "Cancel" would be something else. */
  leave?: string;
  /** What the problems came to; "Not saved yet" unless it says so. */
  refused?: string;
}

export function formOfFields(frame: FormFrame): Html {
  const { action, fields, values, problems, hidden, button, cancel, leave = "Cancel", refused } = frame;
  const usual = fields.filter(({ more }) => more !== true);
  const unusual = fields.filter(({ more }) => more === true);
  const open = unusual.some((field) => problems.has(field.name) || frame.opened?.includes(field));
  // The browser's own checks would come before ours, in its own words and one at a time.
  return html`${problemSummary(fields, problems, refused)}
    <form class="fields" method="post" action="${action}" novalidate>
      ${Object.entries(hidden).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
      )}
      ${usual.map((field) => fieldOf(field, values, problems))}
      ${
        unusual.length > 0 &&
        html`<details ${open && raw("open")}>
          <summary>More</summary>
          <div class="fields">${unusual.map((field) => fieldOf(field, values, problems))}</div>
        </details>`
      }
      <p class="buttons">
        <button class="strong">${button}</button>
        <a href="${cancel}">${leave}</a>
      </p>
    </form>`;
}

/** What is wrong, first and in one place, each with a link to where it is mended. */
function problemSummary(
  fields: readonly Field[],
  problems: Problems,
  heading = "Not saved yet",
): Html | null {
  if (problems.size === 0) return null;
  const items = [...problems].map(([name, words]) => {
    const field = fields.find((one) => one.name === name);
    return field === undefined
      ? html`<li>${words}</li>`
      : html`<li><a href="#${idOf(field.name)}">${field.label}</a>: ${words}</li>`;
  });
  return html`<section class="problems" role="alert" aria-labelledby="problems">
    <h2 id="problems">${heading}</h2>
    <ul>
      ${items}
    </ul>
  </section>`;
}

function idOf(name: string): string {
  return `f-${name.replaceAll(".", "-")}`;
}

function fieldOf(field: Field, values: Values, problems: Problems): Html {
  const { name, label, hint, control } = field;
  const id = idOf(name);
  const problem = problems.get(name);
  const value = values.get(name) ?? "";
  const described = [hint !== undefined && `${id}-hint`, problem !== undefined && `${id}-problem`]
    .filter((one) => one !== false)
    .join(" ");
  const state = html`${described !== "" && html` aria-describedby="${described}"`}
  ${problem !== undefined && raw(' aria-invalid="true"')}`;
  const told = html`${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  ${problem !== undefined && html`<p class="problem" id="${id}-problem">${problem}</p>`}`;
  if (control.kind === "check") {
    const checked = value !== "" && raw("checked");
    return html`<div class="field">
      <label class="check">
        <input type="checkbox" id="${id}" name="${name}" value="on" ${checked} ${state} />
        <span>${label}</span>
      </label>
      ${told}
    </div>`;
  }
  if (control.kind === "radio") {
    return html`<fieldset class="field" id="${id}" ${state}>
      <legend>${label}</legend>
      ${told}
      ${control.options.map(
        (option) =>
          html`<label class="check">
            <input
              type="radio"
              name="${name}"
              value="${option.value}"
              ${option.value === value && raw("checked")}
            />
            <span>${option.label}</span>
          </label>`,
      )}
    </fieldset>`;
  }
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${told} ${inputOf(id, name, control, value, state)}
  </div>`;
}

function inputOf(
  id: string,
  name: string,
  control: Exclude<Control, { kind: "check" | "radio" }>,
  value: string,
  state: Html,
): Html {
  switch (control.kind) {
    case "choice":
      return html`<select id="${id}" name="${name}" ${state}>
        ${control.options.map(
          (option) =>
            html`<option value="${option.value}" ${option.value === value && raw("selected")}>
              ${option.label}
            </option>`,
        )}
      </select>`;
    case "secret":
      return html`<input
        type="password"
        id="${id}"
        name="${name}"
        maxlength="2000"
        autocomplete="off"
        spellcheck="false"
        ${control.kept && raw('placeholder="unchanged"')}
        ${state}
      />`;
    case "number":
      return html`<input
        type="number"
        id="${id}"
        name="${name}"
        value="${value}"
        min="${control.min}"
        max="${control.max}"
        step="1"
        inputmode="numeric"
        ${state}
      />`;
    case "moment":
      return html`<input type="datetime-local" id="${id}" name="${name}" value="${value}" ${state} />`;
    case "text":
      return html`<input
          id="${id}"
          name="${name}"
          value="${value}"
          maxlength="${control.charsMax}"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          ${control.suggestions !== undefined && html`list="${id}-list"`}
          ${state}
        />
        ${
          control.suggestions !== undefined &&
          html`<datalist id="${id}-list">
            ${control.suggestions.map((suggestion) => html`<option value="${suggestion}"></option>`)}
          </datalist>`
        }`;
  }
}
