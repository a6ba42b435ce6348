import { toRfc3339 } from "../../core/time.ts";
import type { Slip } from "./slip.ts";

const REFRESH_S = 2;
/** The page shows the newest; `/slips.json` has them all. */
const SHOWN_MAX = 50;

/** No script at all, and nothing from elsewhere. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

export const STYLE = `
body { margin: 2rem; background: #e9e6df; color: #222; font: 16px/1.5 system-ui, sans-serif; }
main { display: flex; flex-wrap: wrap; gap: 2rem; align-items: flex-start; }
article { background: #fff; padding: 1rem; box-shadow: 0 2px 8px #0003; }
article.rejected { opacity: 0.6; }
pre { margin: 0.5rem 0; font: 14px/1.3 ui-monospace, monospace; white-space: pre-wrap; max-width: 48ch; }
footer { font-size: 0.8rem; color: #555; border-top: 1px dashed #999; }
`;

/** The simulated printer's paper, newest first. Everything in it came from outside, and is escaped. */
export function page(slips: readonly Slip[]): string {
  const shown = slips.slice(-SHOWN_MAX).reverse();
  const body =
    shown.length === 0 ? "<p>Nothing printed yet.</p>" : `<main>${shown.map(paper).join("\n")}</main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_S}">
<title>Simulated Goodcom printer</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>Simulated Goodcom printer: ${slips.length} ${slips.length === 1 ? "slip" : "slips"}</h1>
${body}
</body>
</html>
`;
}

function paper(slip: Slip): string {
  const text = slip.order_txt === "" ? JSON.stringify(slip.order_json, null, 1) : slip.order_txt;
  return `<article class="${slip.verdict ?? "waiting"}">
<pre>${escaped(text)}</pre>
<footer>${escaped(slip.id)}, order ${escaped(slip.order_id)}, ${slip.endpoint}<br>
${toRfc3339(slip.at)}<br>${escaped(fate(slip))}</footer>
</article>`;
}

function fate({ verdict, called_back }: Slip): string {
  if (verdict === null) return "waits for someone at the printer";
  if (called_back === null) return `${verdict}, calling back`;
  return `${verdict}, called back: ${called_back.error ?? `HTTP ${String(called_back.status)}`}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
}
