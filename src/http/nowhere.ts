import { Router, type Request } from "express";
import { createErrorHandler } from "./answer.ts";
import { writePageProblem } from "./dashboard/problem-page.ts";
import type { DashboardDeps } from "./dashboard/visit.ts";
import { HttpProblem, PROBLEM_CONTENT_TYPE, writeProblem } from "./problem.ts";
import { isForPrograms } from "./request.ts";

/** The last of all: a mistyped address, told to a person as a page and to a program as a problem. */
export function nowhereRoutes(deps: DashboardDeps): Router {
  const router = Router();
  router.use(() => {
    throw new HttpProblem(
      "not_found",
      "There is nothing at this address. What programs may ask for stands in /api/openapi.json.",
    );
  });
  router.use(
    createErrorHandler(deps, (req, res, answer) => {
      if (isForPrograms(req) || !wantsPage(req)) writeProblem(res, answer);
      else writePageProblem(deps, req, res, answer);
    }),
  );
  return router;
}

/** Browsers name HTML before all else; what takes anything is a program. */
function wantsPage(req: Request): boolean {
  return req.accepts([PROBLEM_CONTENT_TYPE, "html"]) === "html";
}
