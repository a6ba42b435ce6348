import type { ServerResponse } from "node:http";
import { z } from "zod";
import { SECOND_MS, type Clock } from "../../core/time.ts";

/** What the simulated cloud can do wrong with one request; `refuse` takes the whole server away. */
export const FAULTS = [
  "refuse", // nobody listens: connection refused
  "hang", // the request is taken, and nothing ever comes
  "hang_body", // headers and half an answer, then nothing
  "reset", // the connection is reset once the request is read
  "429", // with Retry-After
  "503", // with Retry-After
  "500",
  "failure", // 200 with a failure inside
  "nonsense", // 200 with a page of HTML
  "slow_drip", // 200, then a byte now and then, without end
  "oversized", // 200 with a body of 200 KB
  "redirect", // 302 to the same address
  "unknown_order", // cancelorder says it does not know the order; submitorder works
] as const;
export type FaultName = (typeof FAULTS)[number];

const faultSchema = z.strictObject({
  fault: z.enum(FAULTS),
  /** The slip prints all the same, and is confirmed: the answer was lost, not the order. */
  printed: z.boolean().default(false),
  /** For 429 and 503. */
  retry_after_s: z.number().int().min(0).max(3600).default(2),
  /** The cloud's words in `failure` and `unknown_order`. */
  msg: z.string().max(500).optional(),
});
export type Fault = z.infer<typeof faultSchema>;
/** A fault by its name, or with details; null is a healthy answer. */
export type FaultInput = FaultName | z.input<typeof faultSchema> | null;

/** @throws ZodError when it is no fault */
export function faultOf(input: FaultInput): Fault | null {
  if (input === null) return null;
  return faultSchema.parse(typeof input === "string" ? { fault: input } : input);
}

const DRIP_MS = 20;
const OVERSIZED_BYTES = 200 * 1024;

/** Plays a fault instead of the healthy answer. */
export function play(fault: Fault, res: ServerResponse, clock: Clock): void {
  switch (fault.fault) {
    case "refuse": // handled where the listener is
    case "hang":
      return;
    case "hang_body":
      res.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      res.write('{"code":');
      return;
    case "reset":
      res.socket?.resetAndDestroy();
      return;
    case "429":
    case "503":
      res.setHeader("retry-after", fault.retry_after_s);
      return answer(res, Number(fault.fault), { code: 4290, msg: "too busy, come back later" });
    case "500":
      return answer(res, 500, { code: 5000, msg: "internal error" });
    case "failure":
      return answer(res, 200, { code: 4001, msg: fault.msg ?? "printer is offline" });
    case "unknown_order":
      return answer(res, 200, { code: 4004, msg: fault.msg ?? "order does not exist" });
    case "nonsense":
      res.writeHead(200, { "content-type": "text/html" });
      res.end("<html><body><h1>It works!</h1></body></html>");
      return;
    case "slow_drip":
      res.writeHead(200, { "content-type": "application/json" });
      return drip(res, clock);
    case "oversized":
      return answer(res, 200, { code: 0, msg: "x".repeat(OVERSIZED_BYTES) });
    case "redirect":
      res.writeHead(302, { location: "/v1/api/cancelorder" });
      res.end();
  }
}

/** @param body goes out as JSON */
export function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

function drip(res: ServerResponse, clock: Clock): void {
  if (res.destroyed) return;
  res.write(" ");
  clock.after(DRIP_MS, () => drip(res, clock));
}

/** Faults waiting for requests: first what was scripted, one each, then the standing one. */
export interface FaultQueue {
  script: (faults: readonly FaultInput[]) => void;
  set(fault: FaultInput): void;
  next(): Fault | null;
}

const SCRIPT_MAX = 10_000;

export function createFaultQueue(): FaultQueue {
  const scripted: (Fault | null)[] = [];
  let standing: Fault | null = null;
  return {
    script(faults) {
      const read = faults.map(faultOf);
      if (read.some((fault) => fault?.fault === "refuse")) {
        throw new RangeError("refuse cannot be scripted: with no listener no request uses it up; set it");
      }
      if (scripted.length + read.length > SCRIPT_MAX) throw new RangeError(`more than ${SCRIPT_MAX} faults`);
      scripted.push(...read);
    },
    set(fault) {
      standing = faultOf(fault);
      scripted.length = 0;
    },
    next: () => (scripted.length > 0 ? (scripted.shift() ?? null) : standing),
  };
}

/** `POST /faults`: what a person may ask for at run time. */
export const faultOrderSchema = z
  .strictObject({
    fault: z.enum(FAULTS).nullable(),
    /** So many requests; without it, until it is changed. */
    times: z.number().int().min(1).max(SCRIPT_MAX).optional(),
    /** `refuse` only: how long nobody listens, since then nobody can be told to listen again either. */
    for_s: z.number().int().min(1).max(3600).default(10),
    ...faultSchema.omit({ fault: true }).shape,
  })
  .refine((order) => order.fault !== "refuse" || order.times === undefined, {
    path: ["times"],
    error: "refuse lasts for_s seconds, it cannot be counted in requests",
  })
  .transform(({ fault, times, for_s, ...details }) => ({
    fault: fault === null ? null : ({ fault, ...details } satisfies FaultInput),
    times,
    for_ms: for_s * SECOND_MS,
  }));
