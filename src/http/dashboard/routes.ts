import { Router, type Request } from "express";
import { createErrorHandler } from "../answer.ts";
import type { Caller } from "../gatekeeper.ts";
import { reprintBody } from "../api/deliveries.ts";
import { parseWith } from "../api/query.ts";
import { pathParameter, queryOf } from "../request.ts";
import { writePageProblem } from "./problem-page.ts";
import { deliveryPage } from "./delivery-page.ts";
import { overviewPage } from "./overview-page.ts";
import { formOf, seeOther, sendPage, type DashboardDeps, type Frame } from "./visit.ts";
import { webhookPage, webhooksPage } from "./webhook-pages.ts";

/** The dashboard's pages and what their buttons do; plain forms and links, no script. */
export function dashboardRoutes(deps: DashboardDeps): Router {
  const router = Router({ caseSensitive: true });
  const page = (path: string, build: (req: Request, caller: Caller) => Promise<Frame>): void => {
    router.get(path, async (req, res) => {
      const caller = deps.gatekeeper.callerOf(req);
      sendPage(deps, res, caller, await build(req, caller));
    });
  };
  /** @param act does it, and says which page shows the result */
  const button = (path: string, act: (req: Request, form: Map<string, string>) => Promise<string>): void => {
    router.post(path, async (req, res) => {
      deps.gatekeeper.mayAct(req, deps.gatekeeper.callerOf(req));
      seeOther(res, await act(req, await formOf(deps, req)));
    });
  };

  page("/", (req) => overviewPage(deps, queryOf(req)));
  page("/deliveries/:id", (req, { role }) =>
    deliveryPage(deps, pathParameter(req, "id"), role, new URLSearchParams(queryOf(req)).get("done")),
  );
  page("/webhooks", (req) => webhooksPage(deps, queryOf(req)));
  page("/webhooks/:id", (req, { role }) => webhookPage(deps, pathParameter(req, "id"), role));

  const { relay } = deps;
  button("/deliveries/:id/redrive", async (req) => {
    const { id } = await relay.redrive(pathParameter(req, "id"), "operator");
    return `/deliveries/${id}?done=redrive`;
  });
  button("/deliveries/:id/reprint", async (req, form) => {
    const { reason } = parseWith(reprintBody, { reason: form.get("reason") ?? "" }, "field");
    const { id } = await relay.reprint(pathParameter(req, "id"), reason, "operator");
    return `/deliveries/${id}?done=reprint`;
  });
  button("/webhooks/:id/replay", async (req) => {
    const { webhook_id, delivery_id } = await relay.replay(pathParameter(req, "id"), "operator");
    return delivery_id === null ? `/webhooks/${webhook_id}` : `/deliveries/${delivery_id}?done=replay`;
  });
  button("/printers/:name/test-slip", async (req) => {
    const { id } = await relay.testSlip(pathParameter(req, "name"), "operator");
    return `/deliveries/${id}?done=test`;
  });

  router.use(createErrorHandler(deps, (req, res, answer) => writePageProblem(deps, req, res, answer)));
  return router;
}
