import { alertJson } from "../../answers/json.ts";
import { alertSchema, pageOf } from "../../answers/schemas.ts";
import type { HttpDeps } from "../deps.ts";
import { given } from "./deliveries.ts";
import { jsonOperation, type Operation } from "./operation.ts";
import { alertQuery, pageFrom } from "./query.ts";

export function alertOperations({ ledger }: Pick<HttpDeps, "ledger">): Operation[] {
  const list = jsonOperation(
    {
      name: "listAlerts",
      method: "get",
      path: "/api/v1/alerts",
      access: "read",
      summary: "What needs a person, newest first, and whether it is over",
      query: alertQuery,
      answer: pageOf(alertSchema),
    },
    async ({ query: { cursor, limit, ...filter } }) => {
      const before = cursor === undefined ? {} : { before: cursor };
      const rows = await ledger.listAlerts({ ...given(filter), ...before, limit: limit + 1 });
      return { value: pageFrom(rows, limit, (row) => row.id, alertJson) };
    },
  );
  return [list];
}
