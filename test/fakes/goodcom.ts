import { systemClock } from "../../src/system.ts";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { PrintOrder, SendRequest } from "../../src/goodcom/api.ts";

/** A printer with secrets that stand out wherever they leak. */
export function samplePrinter(changes: Record<string, unknown> = {}): PrinterSettings {
  return printerSchema.parse({
    name: "kitchen",
    api_key: "APIKEY-7f3a99",
    secret_key: "SECRET-5511aa",
    ...changes,
  });
}

/** The order of the vendor's page (reference "Order Cancel", read 2026-11), as a cancellation. */
export function sampleOrder(changes: Partial<PrintOrder> = {}): PrintOrder {
  const order_id = changes.order_id ?? "10006";
  return {
    order_id,
    order_json: {
      Create_time: "15:00 16-08-2022",
      CreateTime: "15:00 16-08-2022",
      DeliveryType: "Delivery",
      OrderId: order_id,
      Order: [
        {
          o_title: "Title",
          o_num: "1",
          o_name: "Chicken",
          o_amt: "5.00",
          OrderOption: [{ o_oName: "option1", o_oAmt: "1.00" }],
        },
      ],
      SubTotal: "0.00",
      DiscountAmt: "0.00",
      DiscountTaxes: "",
      DeliveryCharges: "0.00",
      DeliveryTaxes: "",
      ExtraFeeAmt: "",
      TotalTaxes: "",
      Total: "29.10",
      PaymentStatus: "Order Paid",
      CustName: "Tom",
      CustAddr: "Address of the Customer",
      CustTown: "",
      CustPhone: "00861234567890",
      RequestTime: "15:30 16-08-2022",
      PaidType: "Cash",
      Comment: "CANCELLED",
    },
    order_txt: "ORDER 10006\nCANCELLED\n",
    ...changes,
  };
}

export const SAMPLE_CALLBACK = "http://127.0.0.1:9/callbacks/goodcom/01JDELIVERY/TOKEN-c0ffee-42";

export function sampleRequest(changes: Partial<SendRequest> = {}): SendRequest {
  return {
    endpoint: "cancelorder",
    printer: samplePrinter(),
    order: sampleOrder(),
    callback_url: SAMPLE_CALLBACK,
    idempotency_key: "01JDELIVERY",
    signed_at: systemClock.now(),
    ...changes,
  };
}
