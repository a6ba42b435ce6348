import { expect, test } from "vitest";
import { slackBody } from "../../../src/observe/alerts/slack.ts";
import { createStage } from "./stage.ts";

interface Slack {
  text: string;
  blocks: { type: string; text: { type: string; text: string; verbatim: boolean } }[];
}

function slack(text: string, data: Record<string, unknown>): Slack {
  const body = { type: "delivery.dead", timestamp: "2026-11-03T12:00:00.000Z", text, data };
  return JSON.parse(slackBody(JSON.stringify(body))) as Slack;
}

test("a stranger's text calls nobody, links nowhere and formats nothing", () => {
  const { text } = slack(
    "Order <!channel> & <https://evil.example|here> *b* _i_ ~s~ `c`. https://relay.example/?a=1&b=2",
    {
      link: "https://relay.example/?a=1&b=2",
      slip: "a ``` b <!here> & c",
    },
  );
  expect(text).toContain("Order &lt;!channel&gt; &amp; &lt;https://evil.example|here&gt;");
  expect(text).toContain("<https://relay.example/?a=1&amp;b=2|open>");
  expect(text).toContain("```\na ''' b &lt;!here&gt; &amp; c\n```");
  expect(text).not.toMatch(/(?<!\u200b)[*_~](?!\u200b)/);
});

test("all of it stands in the text, and the same in blocks that are no longer than Slack takes", () => {
  const link = "https://relay.example/";
  const { text, blocks } = slack(`${"&".repeat(5000)} ${link}`, { link, slip: "<".repeat(5000) });
  expect(blocks.map(({ text: told }) => told.text).join("\n")).toBe(text);
  for (const { text: told } of blocks) expect(told.text.length).toBeLessThanOrEqual(3000);
  // No entity is cut in two.
  expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
});

test("it needs no secret, and goes out as any other", async () => {
  const stage = await createStage({ address: { format: "slack", secret: null } });
  await stage.die(1);
  await stage.look(1);
  const [received] = stage.receiver.received;
  expect(received?.headers).not.toHaveProperty("webhook-signature");
  const body = JSON.parse(received?.text ?? "") as Slack;
  expect(Object.keys(body)).toEqual(["text", "blocks"]);
  expect(body.text).toContain("the cancellation will not print");
  expect(body.text).toContain("CANCELLED");
  await stage.end();
});
