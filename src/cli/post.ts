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
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer in time";
    throw new CommandFailed(`${new URL(url).origin} does not answer (${why}): is relay serve running there?`);
  }
}
