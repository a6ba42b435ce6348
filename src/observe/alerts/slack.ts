import type { MessageBody } from "./message.ts";

/**
 * The same message as Slack's incoming webhooks take it, and what speaks like them (Mattermost, Rocket.Chat): all of it
 * in `text`, for those that know no blocks, and in blocks.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text "Escaping text": & < > and no others
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block at most 3000 characters
 */
const SECTION_CHARS_MAX = 3000;
/** Leaves room for the link or the fence. */
const ESCAPED_CHARS_MAX = SECTION_CHARS_MAX - 500;

/** Follows a character that means something to mrkdwn and makes it mean nothing; nobody sees it. */
const ZERO_WIDTH = "\u200b";

export function slackBody(json: string): string {
  const { text, data } = JSON.parse(json) as MessageBody;
  const link = typeof data.link === "string" ? data.link : null;
  const words = escaped(link !== null && text.endsWith(link) ? text.slice(0, -link.length).trimEnd() : text);
  const said = link === null ? words : `${words} <${escapedLink(link)}|open>`;
  const slip = typeof data.slip === "string" ? fenced(data.slip) : null;
  const sections = slip === null ? [said] : [said, slip];
  return JSON.stringify({
    text: sections.join("\n"),
    blocks: sections.map((section) => ({
      type: "section",
      text: { type: "mrkdwn", text: section, verbatim: true },
    })),
  });
}

function escaped(text: string): string {
  return joined(text, (char) => (/[*_~`]/.test(char) ? ZERO_WIDTH + char + ZERO_WIDTH : entity(char)));
}

/** A slip keeps its columns; a fence inside would end it. */
function fenced(slip: string): string {
  return `\`\`\`\n${joined(slip, (char) => (char === "`" ? "'" : entity(char)))}\n\`\`\``;
}

function escapedLink(link: string): string {
  return link.replace(/[&<>]/g, entity).replaceAll("|", "%7C");
}

function entity(char: string): string {
  return char === "&" ? "&amp;" : char === "<" ? "&lt;" : char === ">" ? "&gt;" : char;
}

/** Cut where a section would become too long, and never within what stands for one character. */
function joined(text: string, written: (char: string) => string): string {
  let all = "";
  for (const char of text) {
    const next = written(char);
    if (all.length + next.length > ESCAPED_CHARS_MAX) return `${all}…`;
    all += next;
  }
  return all;
}
