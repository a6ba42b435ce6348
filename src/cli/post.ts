import { CommandFailed } from "./cli.ts";

export interface Posted {
  status: number;
  /** The answer's body, bounded. */
  answer: string;
}

const ANSWER_CHARS_MAX = 4000;

/** @throws CommandFailed when no answer came; never quotes the address's last part, which may be a token */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  timeoutMs: number,
): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, answer: (await response.text()).slice(0, ANSWER_CHARS_MAX) };
  } catch (error) {
    throw new CommandFailed(
      `${new URL(url).origin} does not answer (${whyOf(error)}): is relay serve running there?`,
    );
  }
}

function whyOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "no reason given";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
