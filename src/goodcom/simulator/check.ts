import { z } from "zod";
import { isObject } from "../../core/json.ts";
import type { SignSettings } from "../../core/settings.ts";
import { MINUTE_MS, type UnixMs } from "../../core/time.ts";
import type { CancelOrderBody } from "../api.ts";
import { signRequest } from "../sign.ts";

/** Regions of the simulated cloud, by `api_key`; one with an empty secret has Dynamic Validation off. */
export type Regions = Readonly<Record<string, { secret_key: string; sign: SignSettings }>>;

/** How far `cur_time` may be from the cloud's clock. The real limit is not public; five minutes is usual. */
const FRESH_MS = 5 * MINUTE_MS;

const text = z.string().max(4000);
const present = text.min(1);

/** The body exactly as the vendor's page has it (facts: "The endpoint", "order_json"): every value is text. */
const bodySchema = z.strictObject({
  api_key: present,
  cur_time: z.string().regex(/^\d{13}$/),
  sign: text,
  callback_url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .or(z.literal("")),
  order_id: present,
  order_json: z
    .strictObject({
      Create_time: text.optional(),
      CreateTime: text.optional(),
      DeliveryType: present,
      OrderId: present,
      Order: z
        .array(
          z.strictObject({
            o_title: text,
            o_num: text,
            o_name: text,
            o_amt: text,
            OrderOption: z.array(z.strictObject({ o_oName: text, o_oAmt: text })).max(500),
          }),
        )
        .max(2000),
      SubTotal: text,
      DiscountAmt: text,
      DiscountTaxes: text,
      DeliveryCharges: text,
      DeliveryTaxes: text,
      ExtraFeeAmt: text,
      TotalTaxes: text,
      Total: text,
      PaymentStatus: text,
      CustName: text,
      CustAddr: text,
      CustTown: text,
      CustPhone: text,
      RequestTime: text,
      PaidType: text,
      Comment: text,
    })
    .refine((order) => order.Create_time !== undefined || order.CreateTime !== undefined, {
      error: "Create_time or CreateTime is missing",
    }),
  order_txt: z.string().max(64 * 1024),
});

export type Checked =
  { ok: true; body: CancelOrderBody } | { ok: false; status: number; code: number; msg: string };

/** What the simulated cloud thinks of one body. Codes and words are its own; the real ones are not public. */
export function checkBody(value: unknown, regions: Regions | null, now: UnixMs): Checked {
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".") ?? "";
    const what = isObject(value)
      ? `${where} ${issue?.message ?? ""}`.trim()
      : "the body is not a JSON object";
    return { ok: false, status: 400, code: 4000, msg: what.slice(0, 300) };
  }
  const body = parsed.data as CancelOrderBody;
  if (body.order_json.OrderId !== body.order_id) {
    return { ok: false, status: 400, code: 4000, msg: "order_json.OrderId differs from order_id" };
  }
  if (Math.abs(Number(body.cur_time) - now) > FRESH_MS) {
    return { ok: false, status: 200, code: 4003, msg: "cur_time is too far from the time here" };
  }
  if (regions === null) return { ok: true, body };
  const region = Object.hasOwn(regions, body.api_key) ? regions[body.api_key] : undefined;
  if (region === undefined) return { ok: false, status: 200, code: 4002, msg: "api_key is not valid" };
  const { api_key, cur_time, order_id } = body;
  const expected = signRequest({ api_key, cur_time, secret_key: region.secret_key, order_id }, region.sign);
  if (expected !== "" && body.sign !== expected)
    return { ok: false, status: 200, code: 4005, msg: "sign error" };
  return { ok: true, body };
}
