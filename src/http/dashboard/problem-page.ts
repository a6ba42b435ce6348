import type { Request, Response } from "express";
import type { ProblemAnswer } from "../problem.ts";
import { publicPath } from "../public-path.ts";
import { html } from "./html.ts";
import { pageOf } from "./layout.ts";
import { samePageAgain } from "./sign-in-page.ts";
import type { DashboardDeps } from "./visit.ts";

/** A problem as a person at a browser meets it: nobody signed in is sent to sign in, the rest is a page. */
export function writePageProblem(
  deps: Pick<DashboardDeps, "assets" | "public_url">,
  req: Request,
  res: Response,
  answer: ProblemAnswer,
): void {
  const isPage = req.method === "GET" || req.method === "HEAD";
  if (answer.code !== "unauthorized") {
    const { title, detail } = answer.body;
    const body = html`<section class="answer bad">
      <h1>${title}</h1>
      <p>${detail}</p>
      <p><a href="/">To the deliveries</a></p>
    </section>`;
    write(res, answer.body.status, pageOf({ title, role: null, body }, deps), answer.headers);
  } else if (isPage && req.headers["sec-fetch-site"] === "cross-site") {
    write(res, 200, pageOf({ ...samePageAgain(req.originalUrl), role: null }, deps), {});
  } else {
    const next = isPage && req.originalUrl !== "/" ? `?next=${encodeURIComponent(req.originalUrl)}` : "";
    write(res, 303, "", { Location: `${publicPath(deps.public_url)}/sign-in${next}` });
  }
}

function write(res: Response, status: number, text: string, headers: Record<string, string>): void {
  res.writeHead(status, {
    ...headers,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  res.write(text);
}
