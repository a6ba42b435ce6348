import { Router } from "express";
import { askedBy } from "../act.ts";
import { createErrorHandler } from "../answer.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../request.ts";
import { writePageProblem } from "./problem-page.ts";
import { formKeyOf } from "./idempotency.ts";
import { settingsPage } from "./settings-page.ts";
import type { Mount } from "./settings/mount.ts";
import { printerRoutes } from "./settings/printer-routes.ts";
import { storeRoutes } from "./settings/store-routes.ts";
import { formOf, seeOther, sendPage, type DashboardDeps } from "./visit.ts";
import type { Caller } from "../gatekeeper.ts";

/** Stores and printers: the list, a page for each, and the forms that change them. */
export function settingsRoutes(deps: DashboardDeps): Router {
  const router = Router({ caseSensitive: true });
  const { gatekeeper } = deps;
  const mount: Mount = {
    page(path, build) {
      router.get(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        await sendPage(deps, res, caller, await build(req, caller));
      });
    },
    form(path, build) {
      router.get(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        needAdmin(caller);
        await sendPage(deps, res, caller, await build(req));
      });
    },
    act(path, act) {
      router.post(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        gatekeeper.mayAct(req, caller);
        const form = await formOf(deps, req);
        const { by } = askedBy(req, caller);
        const next = await act(req, { form, by, key: formKeyOf(form) });
        if ("to" in next) seeOther(deps, res, next.to);
        else await sendPage(deps, res.status(next.status), caller, next.frame);
      });
    },
  };
  mount.page("/stores-and-printers", (req, { role }) => settingsPage(deps, queryOf(req), role));
  printerRoutes(deps, mount);
  storeRoutes(deps, mount);
  router.use(createErrorHandler(deps, (req, res, answer) => writePageProblem(deps, req, res, answer)));
  return router;
}

function needAdmin({ role }: Caller): void {
  if (role === "admin") return;
  throw new HttpProblem(
    "forbidden",
    "The viewer token reads and never changes: sign in with RELAY_ADMIN_TOKEN.",
  );
}
