import { isLoopback } from "../core/address.ts";
import type { PublicAddress } from "../core/public-address.ts";
import { SECOND_MS } from "../core/time.ts";

const TIMEOUT_MS = 3 * SECOND_MS;
const TRIES = 2;
const TRY_AGAIN_AFTER_MS = 300;
/** Of an answer this many bytes are looked at. */
const ANSWER_BYTES_MAX = 1024;

/** Asks `/healthz` at the public address, for at most `timeoutMs`. Never throws. */
export async function askPublicAddress(publicUrl: string, timeoutMs = TIMEOUT_MS): Promise<PublicAddress> {
  if (isLoopback(new URL(publicUrl).hostname)) {
    const detail = `${publicUrl} is this machine alone: no store can reach it until RELAY_PUBLIC_URL is set to an address of the internet`;
    return { result: "this_machine", detail };
  }
  const address = `${publicUrl}/healthz`;
  try {
    const { default: pRetry } = await import("p-retry");
    const signal = AbortSignal.timeout(timeoutMs);
    // A proxy that was restarted a moment ago is no reason to worry anybody.
    const { status, text } = await pRetry(() => ask(address, signal), {
      retries: TRIES - 1,
      minTimeout: TRY_AGAIN_AFTER_MS,
      signal,
    });
    if (status === 200 && isHealthy(text)) {
      return { result: "answers", detail: `${address} answers, asked from the relay's own machine` };
    }
    const detail = `${address} answers ${status}, and not as a relay does: check RELAY_PUBLIC_URL and the proxy in front of the relay`;
    return { result: "stranger", detail };
  } catch (error) {
    const detail = `${address} does not answer the relay's own machine (${causeOf(error)}): check RELAY_PUBLIC_URL, DNS and the proxy in front of the relay`;
    return { result: "silent", detail };
  }
}

async function ask(address: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  const { request } = await import("undici");
  const { statusCode, body } = await request(address, { signal });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= ANSWER_BYTES_MAX) break;
  }
  return { status: statusCode, text: Buffer.concat(chunks).toString("utf8") };
}

function isHealthy(text: string): boolean {
  try {
    return (JSON.parse(text) as { status?: unknown } | null)?.status === "ok";
  } catch {
    return false;
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "TimeoutError") return "no answer in time";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
