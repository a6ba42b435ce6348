import type { Request, Response } from "express";
import type { AnswerDeps } from "../answer.ts";
import type { HttpDeps } from "../deps.ts";
import type { Caller, Gatekeeper } from "../gatekeeper.ts";
import type { OperatorLog } from "../operator-log.ts";
import type { SignInLimiter } from "../sign-in-limiter.ts";
import { readBody } from "../body.ts";
import { HttpProblem } from "../problem.ts";
import { publicPath } from "../public-path.ts";
import type { HttpLimits } from "../limits.ts";
import type { Readiness } from "../readiness.ts";
import type { AssetAddresses } from "./assets.ts";
import { pageOf, type PageFrame } from "./layout.ts";

/** What every dashboard route works with. */
export interface DashboardDeps extends AnswerDeps, Omit<HttpDeps, "limits"> {
  gatekeeper: Gatekeeper;
  operators: OperatorLog;
  limiter: SignInLimiter;
  assets: AssetAddresses;
  /** Aborts when the server closes. */
  closing: AbortSignal;
  limits: HttpLimits;
  isReady: Readiness["seemsReady"];
}

export type Frame = Omit<PageFrame, "role" | "isReady">;

/** @param caller null: nobody is signed in, and is told nothing of how things stand */
export async function sendPage(
  deps: DashboardDeps,
  res: Response,
  caller: Caller | null,
  frame: Frame,
): Promise<void> {
  const isReady = caller === null || (await deps.isReady());
  res.type("html").send(pageOf({ ...frame, role: caller?.role ?? null, isReady }, deps));
}

/** The fields of a posted form; of a repeated one the last. */
export async function formOf({ limits, clock }: DashboardDeps, req: Request): Promise<Map<string, string>> {
  const body = await readBody(req, { bytesMax: limits.formBytesMax, ms: limits.bodyMs }, clock);
  const type = req.headers["content-type"] ?? "";
  if (body.length > 0 && !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new HttpProblem("unsupported_body", "Send this from the dashboard's own form.");
  }
  return new Map(new URLSearchParams(body.toString("utf8")));
}

/** Back to a page after an act: a reload then repeats the page, not the act. */
export function seeOther(deps: Pick<DashboardDeps, "public_url">, res: Response, address: string): void {
  res.redirect(303, publicPath(deps.public_url) + address);
}
