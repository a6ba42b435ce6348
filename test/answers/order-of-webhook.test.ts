import { expect, test } from "vitest";
import { webhookNaming } from "../../src/answers/order-of-webhook.ts";
import { aWebhook } from "../http/samples.ts";

/** Of a ledger with one quarantined webhook. */
async function isNamed(which: string, body: string): Promise<boolean> {
  const webhook = aWebhook({ status: "quarantined", delivery_id: null, body: Buffer.from(body) });
  const found = await webhookNaming(
    {
      listWebhooks: ({ status }) => Promise.resolve(status === "quarantined" ? [webhook] : []),
      findWebhook: () => Promise.resolve(webhook),
    },
    which,
  );
  return found !== null;
}

test.each([
  '{"id":"5001","name":"#1001-a","line_it',
  "order=1001-A&status=cancelled",
  "<order no='#1001-A'/>",
])("bug: the webhook of an order was not found where its body is no JSON: %s", async (body) => {
  expect(await isNamed("1001-A", body)).toBe(true);
  for (const other of ["001-A", "1001-", "1001-A1", "status=cancelled&"])
    expect(await isNamed(other, body)).toBe(false);
});

test("in what is no JSON a number of three digits may be anything", async () => {
  expect(await isNamed("101", "order=101")).toBe(false);
  expect(await isNamed("101", '{"id":"101"}')).toBe(true);
  expect(await isNamed("101", '{"name":"#101","line_it')).toBe(true);
  expect(await isNamed("10", '{"name":"#101","line_it')).toBe(false);
});

test("an order is named however its number is written", async () => {
  for (const body of ['{"id":"7","name":"#1001"}', '{"name":"＃１００１","line_it'])
    for (const which of ["1001", "１００１", "# 1001"]) expect(await isNamed(which, body)).toBe(true);
});
