import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../../core/json.ts";
import type { Clock } from "../../core/time.ts";
import { createRate } from "./rate.ts";
import { Refused } from "./refused.ts";
import type { Answer, SimulatedShop, StoreVendor } from "./vendor.ts";

export interface ApiOptions {
  clock: Clock;
  /** The API token that it takes. */
  token: string;
  /** What the token may do, in the vendor's words; everything unless given. */
  scopes?: readonly string[];
  /** False: takes requests as they come. */
  rate_limit?: boolean;
}

/** What was asked, as HTTP brought it. */
export interface ApiRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: JsonObject;
}

/** The Admin API without its transport: whoever may not, asks too often or for what is not there is refused. */
export function createSimulatedApi(
  vendor: StoreVendor,
  { clock, token, scopes, rate_limit }: ApiOptions,
  shop: SimulatedShop,
): (request: ApiRequest) => Answer {
  const overRate = createRate(clock, rate_limit === false ? null : vendor.rate);

  function answer({ method, path: target, headers, body }: ApiRequest): Answer {
    if (vendor.tokenIn(headers) !== token) throw new Refused(401, "Unauthenticated.");
    const retryAfterS = overRate();
    if (retryAfterS !== null) {
      const refusal = vendor.refusal(429, "Too many requests");
      return { ...refusal, headers: { ...refusal.headers, "retry-after": String(retryAfterS) } };
    }
    const [path = "", query = ""] = target.split("?");
    for (const route of vendor.routes) {
      const match = route.method === method ? route.path.exec(path) : null;
      if (match === null) continue;
      if (scopes?.includes(route.scope) === false) {
        throw new Refused(403, `This token lacks the access scope ${route.scope}`);
      }
      const params = match.slice(1).map(decoded);
      return route.answer({ params, query: new URLSearchParams(query), body }, shop);
    }
    throw new Refused(404, "There is nothing here.");
  }

  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return vendor.refusal(error.status, error.message);
    }
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
