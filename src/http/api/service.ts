import { z } from "zod";
import type { HttpDeps } from "../deps.ts";
import type { Readiness } from "../readiness.ts";
import { jsonOperation, textOperation, type Operation } from "./operation.ts";
import { healthSchema } from "../../answers/schemas.ts";

/** Liveness and readiness: open to everybody, so without a word about why. */
export function healthOperations({ isReady }: Pick<Readiness, "isReady">): Operation[] {
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
