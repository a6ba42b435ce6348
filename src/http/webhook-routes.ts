import { Router, type Request, type Response } from "express";
import { PLATFORM_NAMES, type PlatformName } from "../core/cancellation.ts";
import type { Clock } from "../core/time.ts";
import type { Receipt, Relay } from "../relay.ts";
import { readBody } from "./body.ts";
import type { HttpLimits } from "./limits.ts";
import { HttpProblem } from "./problem.ts";
import { headersOf, pathParameter, queryOf } from "./request.ts";

/**
 * Inbound webhooks (CONTRACT, "Inbound webhooks"). What is authentic and what it means is the relay's to say;
 * here are only the bounds of what is read, and the table of answers.
 */
const PATHS: Record<PlatformName, string> = {
  shopline: "/webhooks/shopline/:store",
  shoplazza: "/webhooks/shoplazza/:store",
  // FastPOD signs nothing: an unguessable part of the address stands in.
  fastpod: "/webhooks/fastpod/:store/:token",
};

interface WebhookDeps {
  relay: Pick<Relay, "receive">;
  clock: Clock;
  limits: HttpLimits;
}

export function webhookRoutes(deps: WebhookDeps): Router {
  const router = Router({ caseSensitive: true });
  for (const platform of PLATFORM_NAMES) {
    router.post(PATHS[platform], (req, res) => receive(deps, platform, req, res));
    router.all(PATHS[platform], () => {
      throw new HttpProblem("method_not_allowed", "Webhooks are sent by POST.", { Allow: "POST" });
    });
  }
  return router;
}

async function receive(
  deps: WebhookDeps,
  platform: PlatformName,
  req: Request,
  res: Response,
): Promise<void> {
  if (req.headers["content-encoding"] !== undefined) {
    throw new HttpProblem(
      "unsupported_body",
      "Send the body without Content-Encoding: it is verified as the raw bytes that came.",
    );
  }
  const bounds = { bytesMax: deps.limits.bodyBytesMax, ms: deps.limits.bodyMs };
  const body = await readBody(req, bounds, deps.clock);
  const token = pathParameter(req, "token");
  const receipt = await deps.relay.receive(platform, pathParameter(req, "store"), {
    headers: headersOf(req),
    query: Object.fromEntries(new URLSearchParams(queryOf(req))),
    path_token: token === "" ? null : token,
    body,
  });
  answer(res, receipt);
}

function answer(res: Response, receipt: Receipt): void {
  if (receipt.kind === "unknown_store") throw unknownAddress();
  if (receipt.kind === "refused") {
    if (receipt.refusal.why === "unknown_token") throw unknownAddress();
    throw new HttpProblem("signature_refused", receipt.refusal.detail, {
      "WWW-Authenticate": 'Webhook-Signature realm="goodcom-relay"',
    });
  }
  const { status, webhook_id, delivery_id, reason } = receipt;
  res.status(200).json({
    status,
    webhook: webhook_id,
    ...(delivery_id === null ? {} : { delivery: delivery_id }),
    ...(reason === null ? {} : { reason }),
  });
}

/** One answer for an unknown store and for a wrong token, so that neither can be searched for by the other. */
function unknownAddress(): HttpProblem {
  return new HttpProblem(
    "not_found",
    "No store has this webhook address. Copy it again from the dashboard's page Stores and printers.",
  );
}
