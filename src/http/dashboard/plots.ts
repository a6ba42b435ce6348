import { html, type Html } from "./html.ts";

/** One small plot: what it is, the figure that counts, and a bar for each stretch of time, oldest first. */
export interface Plot {
  /** For the ids of its parts: letters only. */
  id: string;
  title: string;
  /** The whole in a word or number, such as `412` or `1.2 s`. */
  figure: string;
  note: string;
  bars: readonly Bar[];
  tone: "neutral" | "good" | "bad";
}

export interface Bar {
  /** When it begins, as told to a person. */
  label: string;
  /** 0 to 1: how high; null: nothing is known. */
  height: number | null;
  /** A second value drawn in front, not higher. */
  front?: number | null;
  /** The value in words. */
  value: string;
}

const WIDTH = 240;
const HEIGHT = 56;
const GAP = 2;
/** A bar that is there must be seen. */
const LOWEST = 2;

export function plots(all: readonly Plot[]): Html {
  return html`<ul class="plots">
    ${all.map(
      (plot) =>
        html`<li class="plot ${plot.tone}">
          <h3>${plot.title}</h3>
          <p class="figure">${plot.figure}</p>
          <p class="muted">${plot.note}</p>
          ${drawing(plot)}
          <p class="axis muted" aria-hidden="true"><span>${plot.bars[0]?.label}</span><span>now</span></p>
          ${table(plot)}
        </li>`,
    )}
  </ul>`;
}

function drawing({ title, figure, note, bars }: Plot): Html {
  const step = WIDTH / Math.max(1, bars.length);
  const bar = (index: number, part: number, kind: string): Html => {
    const height = Math.max(LOWEST, Math.min(1, part) * HEIGHT);
    const [x, y, width] = [index * step, HEIGHT - height, step - GAP].map((value) => value.toFixed(1));
    return html`<rect
      class="${kind}"
      x="${x}"
      y="${y}"
      width="${width}"
      height="${height.toFixed(1)}"
      rx="1"
    ></rect>`;
  };
  return html`<svg
    role="img"
    aria-label="${title}: ${figure}, ${note}"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    preserveAspectRatio="none"
  >
    ${bars.map(({ height, front }, index) => [
      height !== null && height > 0 && bar(index, height, "back"),
      front !== undefined && front !== null && front > 0 && bar(index, front, "front"),
    ])}
  </svg>`;
}

/** The same, for who reads rather than looks. */
function table({ id, title, bars }: Plot): Html {
  return html`<details id="plot-${id}">
    <summary>As a table</summary>
    <table>
      <caption class="hidden">
        ${title}
      </caption>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">${title}</th>
        </tr>
      </thead>
      <tbody>
        ${bars.map(
          ({ label, value }) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
