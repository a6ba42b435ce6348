import { Router, type Request, type Response } from "express";
import { ACTOR_NAME_CHARS_MAX } from "../../core/actor.ts";
import { cleanLine } from "../../core/text.ts";
import { createErrorHandler } from "../answer.ts";
import { clientAddressOf } from "../client-address.ts";
import { queryOf } from "../request.ts";
import { writePageProblem } from "./problem-page.ts";
import { ownAddress, signInPage } from "./sign-in-page.ts";
import { formOf, seeOther, sendPage, type DashboardDeps } from "./visit.ts";

/** Who pressed a button in a page of a session that has ended. */
const UNDONE = "You were not signed in any more: what you pressed was not done. Sign in, and press it again.";

/** In by a token, out by a button. The session itself is a sealed cookie: see gatekeeper.ts. */
export function signInRoutes(deps: DashboardDeps): Router {
  const { gatekeeper } = deps;
  const router = Router({ caseSensitive: true });
  router.get("/sign-in", (req, res) => {
    const asked = new URLSearchParams(queryOf(req));
    return sendPage(
      deps,
      res,
      null,
      signInPage(ownAddress(asked.get("next")), asked.has("undone") ? UNDONE : null),
    );
  });
  router.post("/sign-in", (req, res) => signIn(deps, req, res));
  router.post("/sign-out", async (req, res) => {
    gatekeeper.isOurPage(req);
    res.set("Set-Cookie", await gatekeeper.signOut(req));
    // Also pages that "back" would show; browsers heed it under https alone.
    res.set("Clear-Site-Data", '"cache"');
    seeOther(deps, res, "/sign-in");
  });
  router.use(createErrorHandler(deps, (req, res, answer) => writePageProblem(deps, req, res, answer)));
  return router;
}

async function signIn(deps: DashboardDeps, req: Request, res: Response): Promise<void> {
  const { gatekeeper, limiter, operators } = deps;
  // Else another site could sign this browser in as somebody else.
  gatekeeper.isOurPage(req);
  const form = await formOf(deps, req);
  const next = ownAddress(form.get("next"));
  const address = clientAddressOf(req, deps.trust_proxy);
  const waitS = limiter.waitS(address);
  const sendAway = (seconds: number, why: string): Promise<void> => {
    res.status(429).set("Retry-After", String(seconds));
    return sendPage(deps, res, null, signInPage(next, `${why} Try again in ${seconds} s.`));
  };
  if (waitS > 0) {
    await sendAway(waitS, "Too many wrong tokens.");
    return;
  }
  const role = gatekeeper.roleOf((form.get("token") ?? "").trim());
  if (role === null) {
    limiter.failed(address);
    operators.refused(req, "wrong_token");
    res.status(401);
    await sendPage(
      deps,
      res,
      null,
      signInPage(next, "This is not the token. Copy it whole from the settings."),
    );
    return;
  }
  const openS = limiter.openS(role);
  if (openS > 0) {
    await sendAway(openS, "With this token too many have signed in. Whoever is signed in stays so.");
    return;
  }
  const name = cleanLine(form.get("name") ?? "", ACTOR_NAME_CHARS_MAX);
  res.set("Set-Cookie", gatekeeper.signIn(role, name));
  operators.signedIn(req, role, name);
  seeOther(deps, res, next);
}
