import { RelayError } from "../../core/errors.ts";
import type { HttpDeps } from "../deps.ts";
import { given } from "./deliveries.ts";
import { receiptJson, webhookDetailJson, webhookJson } from "../../answers/json.ts";
import { jsonOperation, type Operation } from "./operation.ts";
import { pageFrom, webhookQuery } from "./query.ts";
import { pageOf, receiptSchema, webhookDetailSchema, webhookSchema } from "../../answers/schemas.ts";

export function webhookOperations({ relay, ledger }: Pick<HttpDeps, "relay" | "ledger">): Operation[] {
  const list = jsonOperation(
    {
      name: "listWebhooks",
      method: "get",
      path: "/api/v1/webhooks",
      access: "read",
      summary: "Authentic inbound webhooks, newest first",
      query: webhookQuery,
      answer: pageOf(webhookSchema),
    },
    async ({ query: { cursor, limit, ...filter } }) => {
      const before = cursor === undefined ? {} : { before: cursor };
      const rows = await ledger.listWebhooks({ ...given(filter), ...before, limit: limit + 1 });
      return { value: pageFrom(rows, limit, (row) => row.id, webhookJson) };
    },
  );
  const show = jsonOperation(
    {
      name: "showWebhook",
      method: "get",
      path: "/api/v1/webhooks/{id}",
      access: "read",
      summary: "One webhook with its raw body",
      answer: webhookDetailSchema,
      refusals: ["not_found"],
    },
    async ({ parameter }) => {
      const webhook = await ledger.findWebhook(parameter("id"));
      if (webhook === null) throw new RelayError("not_found", `There is no webhook ${parameter("id")}.`);
      return { value: webhookDetailJson(webhook) };
    },
  );
  const replay = jsonOperation(
    {
      name: "replayWebhook",
      method: "post",
      path: "/api/v1/webhooks/{id}/replay",
      access: "act",
      summary: "Read a stored webhook once more; an order that has its delivery gets no second one",
      answer: receiptSchema,
      refusals: ["not_found", "conflict"],
    },
    async ({ parameter, asked: { by, key } }) => {
      return { value: receiptJson(await relay.replay(parameter("id"), by, key)) };
    },
  );
  return [list, show, replay];
}
