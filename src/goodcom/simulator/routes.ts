import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { parseJson } from "../../core/json.ts";
import type { Clock } from "../../core/time.ts";
import type { CancelOrderBody, Endpoint } from "../api.ts";
import { checkBody, type Regions } from "./check.ts";
import { answer, faultOrderSchema, play, type FaultQueue } from "./faults.ts";
import { page, PAGE_HEADERS, STYLE } from "./page.ts";
import type { SimulatedPrinter } from "./printer.ts";
import type { SeenRequest, Slip } from "./slip.ts";

export interface RouteDeps {
  clock: Clock;
  slips: readonly Slip[];
  faults: FaultQueue;
  regions: Regions | null;
  print: SimulatedPrinter["print"];
  confirm: SimulatedPrinter["confirm"];
  isKnown: (orderId: string) => boolean;
  submitted: (orderId: string) => void;
  seen: (request: SeenRequest) => void;
  /** Stops listening, for so long. */
  goAway: (forMs: number) => void;
}

const BODY_BYTES_MAX = 1024 * 1024;
const confirmSchema = z.strictObject({
  order: z.string().min(1).max(200),
  verdict: z.enum(["accepted", "rejected"]).default("accepted"),
});

/** The simulated cloud's HTTP: the two endpoints, its paper, and the handles for a person. */
export function createRoutes(deps: RouteDeps): (req: IncomingMessage, res: ServerResponse) => void {
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? "/").replace(/\?.*$/, "");
    const read = req.method === "GET" || req.method === "HEAD";
    if (read && path === "/") {
      res.writeHead(200, PAGE_HEADERS).end(page(deps.slips));
    } else if (read && path === "/style.css") {
      res.writeHead(200, { ...PAGE_HEADERS, "content-type": "text/css" }).end(STYLE);
    } else if (read && path === "/slips.json") {
      // The callback's address is the relay's secret.
      answer(res, 200, {
        slips: deps.slips.map(({ callback_url, ...slip }) => ({
          ...slip,
          has_callback: callback_url !== "",
        })),
      });
    } else if (req.method === "POST") {
      await handlePost(path, req, res);
    } else {
      answer(res, 404, { code: 404, msg: "page not found" });
    }
  };

  const handlePost = async (path: string, req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await readBody(req);
    if (body === null) {
      res.setHeader("connection", "close");
      answer(res, 413, { code: 413, msg: `the body is larger than ${BODY_BYTES_MAX} bytes` });
      return;
    }
    const endpoint = /^\/v1\/api\/(cancelorder|submitorder)$/.exec(path)?.[1] as Endpoint | undefined;
    if (endpoint !== undefined) {
      takeOrder(deps, endpoint, { req, res, body });
      return;
    }
    // Only JSON, which no foreign web page can post here without being asked.
    if (!/^application\/json\b/.test(req.headers["content-type"] ?? "")) {
      answer(res, 415, { code: 415, msg: "send application/json" });
      return;
    }
    if (path === "/faults") {
      takeFault(deps, res, jsonOf(body));
      return;
    }
    if (path === "/confirm") return takeConfirmation(deps, res, jsonOf(body));
    answer(res, 404, { code: 404, msg: "page not found" });
  };

  return (req, res) => {
    handle(req, res).catch(() => {
      if (res.headersSent) res.destroy();
      else answer(res, 500, { code: 500, msg: "the simulator failed" });
    });
  };
}

function takeOrder(
  deps: RouteDeps,
  endpoint: Endpoint,
  { req, res, body }: { req: IncomingMessage; res: ServerResponse; body: string },
): void {
  const at = deps.clock.now();
  const value = jsonOf(body);
  const next = deps.faults.next();
  const fault = next?.fault === "unknown_order" && endpoint === "submitorder" ? null : next;
  deps.seen({ at, endpoint, headers: req.headers, body: value, fault: fault?.fault ?? null });
  const checked = checkBody(value, deps.regions, at);
  const key = req.headers["idempotency-key"];
  const print = (order: CancelOrderBody): void =>
    deps.print(endpoint, order, typeof key === "string" ? key : null);
  if (fault !== null) {
    if (fault.printed && checked.ok) print(checked.body);
    return play(fault, res, deps.clock);
  }
  if (!checked.ok) return answer(res, checked.status, { code: checked.code, msg: checked.msg });
  const { order_id } = checked.body;
  if (endpoint === "submitorder") deps.submitted(order_id);
  else if (!deps.isKnown(order_id)) return answer(res, 200, { code: 4004, msg: "order does not exist" });
  print(checked.body);
  // The vendor's page shows just this (facts: "The answer").
  answer(res, 200, {});
}

function takeFault(deps: RouteDeps, res: ServerResponse, value: unknown): void {
  const order = faultOrderSchema.safeParse(value);
  if (!order.success) return answer(res, 400, { code: 400, msg: z.prettifyError(order.error) });
  const { fault, times, for_ms } = order.data;
  if (fault?.fault === "refuse") {
    res.once("close", () => deps.goAway(for_ms));
    res.setHeader("connection", "close");
  } else if (times === undefined) deps.faults.set(fault);
  else deps.faults.script(Array.from({ length: times }, () => fault));
  answer(res, 200, { fault: fault?.fault ?? null, times: times ?? null });
}

async function takeConfirmation(deps: RouteDeps, res: ServerResponse, value: unknown): Promise<void> {
  const order = confirmSchema.safeParse(value);
  if (!order.success) {
    answer(res, 400, { code: 400, msg: z.prettifyError(order.error) });
    return;
  }
  const result = await deps.confirm(order.data.order, order.data.verdict);
  if (result === null) {
    answer(res, 404, { code: 404, msg: "no such slip or order" });
    return;
  }
  answer(res, 200, result);
}

/** @returns null when it is too large */
async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return bytes > BODY_BYTES_MAX ? null : Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
