import { Router, type Request } from "express";
import { createErrorHandler } from "../answer.ts";
import { askedBy, type Asked } from "../act.ts";
import type { Caller } from "../gatekeeper.ts";
import { reprintBody } from "../api/deliveries.ts";
import { parseWith } from "../api/query.ts";
import { pathParameter, queryOf } from "../request.ts";
import { writePageProblem } from "./problem-page.ts";
import { attemptsPage } from "./attempts-page.ts";
import { deliveryPage } from "./delivery-page.ts";
import { deliveriesPage } from "./deliveries-page.ts";
import { formKeyOf } from "./idempotency.ts";
import { nowPage } from "./now-page.ts";
import { doneIn } from "./settings/lookup.ts";
import { formOf, seeOther, sendPage, type DashboardDeps, type Frame } from "./visit.ts";
import { webhookPage, webhooksPage } from "./webhook-pages.ts";

/** A button that somebody pressed. */
interface Pressed extends Asked {
  req: Request;
  form: Map<string, string>;
}

/** The dashboard's pages and what their buttons do: plain forms and links, which the page script only makes livelier. */
export function dashboardRoutes(deps: DashboardDeps): Router {
  const router = Router({ caseSensitive: true });
  const page = (path: string, build: (req: Request, caller: Caller) => Promise<Frame>): void => {
    router.get(path, async (req, res) => {
      const caller = deps.gatekeeper.callerOf(req);
      await sendPage(deps, res, caller, await build(req, caller));
    });
  };
  /** @param act does it, and says which page shows the result */
  const button = (path: string, act: (pressed: Pressed) => Promise<string>): void => {
    router.post(path, async (req, res) => {
      const caller = deps.gatekeeper.callerOf(req);
      deps.gatekeeper.mayAct(req, caller);
      const form = await formOf(deps, req);
      const { by } = askedBy(req, caller);
      seeOther(deps, res, await act({ req, form, by, key: formKeyOf(form) }));
    });
  };

  router.get("/", (req, res, next) => {
    // The list of deliveries was here, and bookmarks still look for it.
    if (queryOf(req) === "") next();
    else seeOther(deps, res, `/deliveries?${queryOf(req)}`);
  });
  page("/", (_req, { role }) => nowPage(deps, role));
  page("/deliveries", (req, { role }) => deliveriesPage(deps, queryOf(req), role));
  page("/deliveries/:id", (req, { role }) => deliveryPage(deps, pathParameter(req, "id"), role, doneIn(req)));
  page("/deliveries/:id/attempts", (req) => attemptsPage(deps, pathParameter(req, "id"), queryOf(req)));
  page("/webhooks", (req) => webhooksPage(deps, queryOf(req)));
  page("/webhooks/:id", (req, { role }) => webhookPage(deps, pathParameter(req, "id"), role, doneIn(req)));

  const { relay } = deps;
  button("/deliveries/:id/redrive", async ({ req, by, key }) => {
    const { id } = await relay.redrive(pathParameter(req, "id"), by, key);
    return `/deliveries/${id}?done=redrive`;
  });
  button("/deliveries/:id/reprint", async ({ req, form, by, key }) => {
    const { reason } = parseWith(reprintBody, { reason: form.get("reason") ?? "" }, "field");
    const { id } = await relay.reprint(pathParameter(req, "id"), reason, by, key);
    return `/deliveries/${id}?done=reprint`;
  });
  button("/webhooks/:id/replay", async ({ req, by, key }) => {
    const { webhook_id, delivery_id } = await relay.replay(pathParameter(req, "id"), by, key);
    return `${delivery_id === null ? `/webhooks/${webhook_id}` : `/deliveries/${delivery_id}`}?done=replay`;
  });
  button("/printers/:name/test-slip", async ({ req, by, key }) => {
    const { id } = await relay.testSlip(pathParameter(req, "name"), by, key);
    return `/deliveries/${id}?done=test`;
  });

  router.use(createErrorHandler(deps, (req, res, answer) => writePageProblem(deps, req, res, answer)));
  return router;
}
