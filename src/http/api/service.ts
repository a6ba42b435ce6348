import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import type { HttpLimits } from "../limits.ts";
import { jsonOperation, textOperation, type Operation } from "./operation.ts";
import { healthSchema } from "../../answers/schemas.ts";

/** Liveness and readiness: open to everybody, so without a word about why. */
export function healthOperations(deps: Pick<HttpDeps, "ledger" | "clock">, limits: HttpLimits): Operation[] {
  const isReady = createReadiness(deps, limits);
  // Probes add parameters of their own; they are no reason to call a service ill.
  const fixed = { method: "get", access: "open", query: z.object({}), answer: healthSchema } as const;
  const live = jsonOperation(
    { ...fixed, name: "live", path: "/healthz", summary: "The process answers" },
    () => Promise.resolve({ value: { status: "ok" as const } }),
  );
  const ready = jsonOperation(
    { ...fixed, name: "ready", path: "/readyz", summary: "The ledger can store", otherStatus: 503 },
    async () =>
      (await isReady())
        ? { value: { status: "ok" as const } }
        : { value: { status: "unavailable" as const }, status: 503 },
  );
  return [live, ready];
}

/** One look at the ledger answers everybody for a while: an open address must not be a way to wear out the disk. */
function createReadiness(
  { ledger, clock }: Pick<HttpDeps, "ledger" | "clock">,
  limits: HttpLimits,
): () => Promise<boolean> {
  let looked: { at: number; ready: Promise<boolean> } | null = null;
  return () => {
    const now = clock.now();
    if (looked === null || now >= looked.at + limits.readyCacheMs || now < looked.at) {
      looked = { at: now, ready: look(now) };
    }
    return looked.ready;
  };

  function look(now: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancelTimer = clock.after(limits.readyMs, () => resolve(false));
      ledger
        .ping(now)
        .then(
          () => resolve(true),
          () => resolve(false),
        )
        .finally(cancelTimer);
    });
  }
}

/** What tools read: the numbers, and the description of everything here. */
export function toolOperations(
  deps: Pick<HttpDeps, "metrics">,
  openApi: () => Record<string, unknown>,
): Operation[] {
  const metrics = textOperation(
    {
      name: "metrics",
      method: "get",
      path: "/metrics",
      access: "read",
      summary: "Numbers for Prometheus",
      contentType: "text/plain; version=0.0.4; charset=utf-8",
    },
    async () => {
      const { contentType, text } = await deps.metrics();
      return { value: text, headers: { "Content-Type": contentType } };
    },
  );
  const description = jsonOperation(
    {
      name: "openApi",
      method: "get",
      path: "/api/openapi.json",
      access: "read",
      summary: "This description",
      answer: z.record(z.string(), z.unknown()),
    },
    () => Promise.resolve({ value: openApi() }),
  );
  return [metrics, description];
}
