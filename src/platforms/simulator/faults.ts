import type { ServerResponse } from "node:http";
import type { Answer, StoreVendor } from "./vendor.ts";

/** Ways in which a store's API fails. */
export type StoreFailure =
  | "server_error" // 500
  | "unavailable" // 503 with Retry-After: 7
  | "rate_limited" // 429 with Retry-After: 7
  | "hang" // takes the request and says nothing
  | "reset" // cuts the connection
  | "reset_midway" // headers, half a body, cut
  | "garbage" // 200 that is not JSON
  | "oversized" // 200 with 2 MiB
  | "redirect" // 302 to itself
  | "lost_answer"; // does what was asked, and cuts the connection instead of saying so

const RETRY_AFTER_S = 7;
const OVERSIZED_BYTES = 2 * 1024 * 1024;

/** Plays a failure instead of an answer. */
export function fail(failure: StoreFailure, response: ServerResponse, vendor: StoreVendor): void {
  switch (failure) {
    case "server_error":
      return send(response, vendor.refusal(500, "Server Error"));
    case "unavailable":
      return send(response.setHeader("retry-after", RETRY_AFTER_S), vendor.refusal(503, "Unavailable"));
    case "rate_limited":
      return send(response.setHeader("retry-after", RETRY_AFTER_S), vendor.refusal(429, "Too many requests"));
    case "hang":
      return;
    case "reset":
    case "lost_answer":
      response.socket?.resetAndDestroy();
      return;
    case "reset_midway":
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"status":true,"data":{"id":"', () => response.socket?.resetAndDestroy());
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
      return;
    case "oversized":
      response.writeHead(200).end(`{"data":"${"x".repeat(OVERSIZED_BYTES)}"}`);
      return;
    case "redirect":
      response.writeHead(302, { location: response.req.url }).end();
  }
}

export function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
