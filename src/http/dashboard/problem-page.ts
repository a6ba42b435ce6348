import type { Request, Response } from "express";
import type { ProblemAnswer } from "../problem.ts";
import { publicPath, withoutPublicPath } from "../public-path.ts";
import { html, type Html } from "./html.ts";
import { pageOf } from "./layout.ts";
import { ownAddress, samePageAgain } from "./sign-in-page.ts";
import type { DashboardDeps } from "./visit.ts";

const AGAIN_S = 10;

/** For who looks. */
const AWAY = html`<p>
    The relay cannot reach its ledger: nothing can be shown here, and its slips wait. No cancellation is lost,
    for stores send again what they could not hand over.
  </p>
  <p><b>Tell the kitchen by hand what cannot wait.</b> This page looks again every ${AGAIN_S} s.</p>`;

/** For who pressed something. */
const PERHAPS = html`<p>
  The relay cannot reach its ledger now, so nobody can say whether what you pressed was done. Go back and see
  how things stand; if it was not, press it again later.
</p>`;

/** A problem as a person at a browser meets it: nobody signed in is sent to sign in, the rest is a page. */
export function writePageProblem(
  deps: Pick<DashboardDeps, "assets" | "gatekeeper" | "public_url">,
  req: Request,
  res: Response,
  answer: ProblemAnswer,
): void {
  const isPage = req.method === "GET" || req.method === "HEAD";
  if (answer.code !== "unauthorized") {
    const { title, detail } = answer.body;
    const isLost = answer.code === "ledger_unavailable";
    const isAway = isPage && isLost;
    const body = html`<section class="answer bad">
      <h1>${title}</h1>
      ${isLost ? (isPage ? AWAY : PERHAPS) : html`<p>${detail}</p>`}
      ${!isPage && backLink(ownAddress(pageBefore(req, publicPath(deps.public_url))))}
      <p><a class="alone" href="/">To the first page</a></p>
    </section>`;
    // Whoever is signed in keeps the ways to the other pages.
    const role = deps.gatekeeper.visitorOf(req)?.role ?? null;
    write(
      res,
      answer.body.status,
      pageOf({ title, role, refreshS: isAway ? AGAIN_S : null, body }, deps),
      answer.headers,
    );
  } else if (isPage && req.headers["sec-fetch-site"] === "cross-site") {
    write(res, 200, pageOf({ ...samePageAgain(req.originalUrl), role: null }, deps), {});
  } else {
    const path = publicPath(deps.public_url);
    const query = isPage ? backTo(req.originalUrl) : backTo(pageBefore(req, path), "undone");
    write(res, 303, "", { Location: `${path}/sign-in${query}` });
  }
}

/** Whoever pressed something that was refused wants to see how things stand, as others may have left them. */
function backLink(address: string): Html {
  return html`<p><a class="alone" href="${address}">Back, to how things stand now</a></p>`;
}

function backTo(address: string, ...words: string[]): string {
  const asked = address === "/" ? words : [...words, `next=${encodeURIComponent(address)}`];
  return asked.length === 0 ? "" : `?${asked.join("&")}`;
}

/** Where the button is that was pressed. Without its query: that may say of an act before that it is done. */
function pageBefore({ headers: { referer = "" } }: Request, path: string): string {
  return URL.canParse(referer) ? withoutPublicPath(new URL(referer).pathname, path) : "/";
}

function write(res: Response, status: number, text: string, headers: Record<string, string>): void {
  res.writeHead(status, {
    ...headers,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  res.write(text);
}
