import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isLoopback } from "../../core/address.ts";
import { SECOND_MS, wallClock, type Clock } from "../../core/time.ts";
import type { Slip } from "./slip.ts";

/**
 * How the simulated cloud calls back. `get`: the classic Goodcom device, all in the query. `json` and `form`: a
 * POST with the names of the sibling PrinterCo (facts: "The callback").
 */
export type CallbackForm = "get" | "json" | "form";

const CALLBACK_MS = 10 * SECOND_MS;

export interface CallBackOptions {
  clock: Clock;
  form: CallbackForm;
  /** Off: only loopback is called, for whoever may post to a simulator must not aim it at others. */
  anywhere: boolean;
}

/** Calls back once, without retries. Never rejects. */
export function callBack(
  slip: Pick<Slip, "callback_url" | "order_id">,
  verdict: "accepted" | "rejected",
  options: CallBackOptions,
): Promise<NonNullable<Slip["called_back"]>> {
  const { promise, resolve } = Promise.withResolvers<NonNullable<Slip["called_back"]>>();
  const failed = (error: string): void => resolve({ status: null, error });
  if (!URL.canParse(slip.callback_url)) {
    failed("callback_url is no address");
    return promise;
  }
  const url = new URL(slip.callback_url);
  if (!options.anywhere && !isLoopback(url.hostname)) {
    failed(`callback_url is not on this machine (${url.hostname}); allow it to be called`);
    return promise;
  }
  const { method, query, type, body } = saying(slip, verdict, options);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const headers = type === null ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) };
  const req = send(url, { method, headers, agent: false }, (res) => {
    res.resume();
    res.once("close", () => resolve({ status: res.statusCode ?? null, error: null }));
  });
  const cancel = options.clock.after(CALLBACK_MS, () => req.destroy(new Error("no answer in time")));
  req.once("error", (error) => failed("code" in error ? String(error.code) : error.message));
  req.once("close", cancel);
  req.end(body);
  return promise;
}

function saying(
  slip: Pick<Slip, "order_id">,
  verdict: "accepted" | "rejected",
  { clock, form }: CallBackOptions,
): { method: string; query: URLSearchParams; type: string | null; body: string } {
  const accepted = verdict === "accepted";
  const { hour, minute } = wallClock(clock.now(), "UTC");
  const time = `${hour}:${minute}`;
  const msg = accepted ? "OK" : "Refused at the printer";
  const none = new URLSearchParams();
  if (form === "get") {
    const ak = accepted ? "Accepted" : "Rejected";
    const query = new URLSearchParams({ a: "simulator", o: slip.order_id, ak, m: msg, dt: time });
    return { method: "GET", query, type: null, body: "" };
  }
  const fields = { order_id: slip.order_id, status: accepted ? "1" : "2", msg, delivery_time: time };
  return form === "json"
    ? { method: "POST", query: none, type: "application/json", body: JSON.stringify(fields) }
    : {
        method: "POST",
        query: none,
        type: "application/x-www-form-urlencoded",
        body: new URLSearchParams(fields).toString(),
      };
}
