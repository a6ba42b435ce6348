import { Router, type Request } from "express";
import { askedBy, type Asked } from "../act.ts";
import { createErrorHandler } from "../answer.ts";
import { HttpProblem } from "../problem.ts";
import { queryOf } from "../request.ts";
import { writePageProblem } from "./problem-page.ts";
import { formKeyOf } from "./idempotency.ts";
import { settingsPage } from "./settings-page.ts";
import { printerRoutes } from "./settings/printer-routes.ts";
import { storeRoutes } from "./settings/store-routes.ts";
import { formOf, seeOther, sendPage, type DashboardDeps, type Frame } from "./visit.ts";
import type { Caller } from "../gatekeeper.ts";

/** What a form led to: another page, or the form again with what is wrong. */
export type Next = { to: string } | { status: 200 | 400 | 409; frame: Frame };

/** A form that somebody sent. */
export interface Posted extends Asked {
  form: Map<string, string>;
}

/** How the pages of stores and printers are mounted. */
export interface Mount {
  /** For everybody signed in. */
  page: (path: string, build: (req: Request, caller: Caller) => Promise<Frame> | Frame) => void;
  /** A form's page: only for those who may act. */
  form: (path: string, build: (req: Request) => Promise<Frame> | Frame) => void;
  act: (path: string, act: (req: Request, posted: Posted) => Promise<Next>) => void;
}

/** Stores and printers: the list, a page for each, and the forms that change them. */
export function settingsRoutes(deps: DashboardDeps): Router {
  const router = Router({ caseSensitive: true });
  const { gatekeeper } = deps;
  const mount: Mount = {
    page(path, build) {
      router.get(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        sendPage(deps, res, caller, await build(req, caller));
      });
    },
    form(path, build) {
      router.get(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        needAdmin(caller);
        sendPage(deps, res, caller, await build(req));
      });
    },
    act(path, act) {
      router.post(path, async (req, res) => {
        const caller = gatekeeper.callerOf(req);
        gatekeeper.mayAct(req, caller);
        const form = await formOf(deps, req);
        const { by } = askedBy(req, caller);
        const next = await act(req, { form, by, key: formKeyOf(form) });
        if ("to" in next) seeOther(res, next.to);
        else sendPage(deps, res.status(next.status), caller, next.frame);
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
