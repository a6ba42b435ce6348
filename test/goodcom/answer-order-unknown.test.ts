import { describe, expect, it } from "vitest";
import { judgeAnswer } from "../../src/goodcom/answer.ts";
import { samplePrinter } from "../fakes/goodcom.ts";

const SUCCESS = samplePrinter().success;

function judge(status: number, body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return judgeAnswer({ status, headers: {}, body: Buffer.from(text), cut: null }, SUCCESS, 0);
}

describe("the cloud does not know the order", () => {
  it.each([
    "order does not exist",
    "Order doesn't exist",
    "order not exist",
    "order not exists",
    "Order not found",
    "order_not_found",
    "OrderNotFound",
    "ORDER-NOT-EXIST",
    "no such order",
    "Unknown order 10006",
    "order unknown",
    "ORDER_UNKNOWN",
    "order_id 10006 is unknown",
    "order was never submitted",
    "order_id 10006 has not been submitted",
    "Invalid order id",
    "order_id is invalid",
    "cannot find order",
    "Order could not be found on this device",
    "订单不存在",
    "訂單不存在",
    "找不到訂單",
    "未找到该订单",
    "没有此订单",
    "沒有這個訂單",
    "没有找到订单",
    "查无此单",
    "not found",
    ...["The selected order id is invalid.", "Invalid order", "invalid order_id", "order_no is incorrect"],
    ...["No record found", "no data", "暂无数据", "沒有相關記錄"],
    ...["Order has not been submitted", "order 10006 was never placed", "订单号错误", "無效訂單"],
  ])("says %j", (msg) => {
    expect(judge(200, { code: 4004, msg })).toMatchObject({ kind: "rejected", order_unknown: true });
    expect(judge(400, { msg })).toMatchObject({ kind: "rejected", order_unknown: true });
  });

  it("says it in the code itself", () => {
    expect(judge(200, { code: "ORDER_NOT_FOUND" }).order_unknown).toBe(true);
  });

  it("says it by 404, with or without words", () => {
    expect(judge(404, "").order_unknown).toBe(true);
    expect(judge(404, { msg: "nothing here" }).order_unknown).toBe(true);
  });
});

describe("another refusal, which must not be sent to submitorder", () => {
  it.each([
    ...["Invalid order status", "invalid order_json", "Invalid order format", "order_txt is incorrect"],
    "sign error",
    "signature not found",
    "api_key does not exist",
    "apikey not found",
    "unknown key",
    "unauthorized: order not found for this token",
    "duplicate order",
    "order already exists",
    "order already cancelled, not found",
    "签名不存在",
    "订单已存在",
    "重复订单不存在",
    "没有权限",
    "device not found",
    "printer does not exist",
    "account not found",
    "设备不存在",
    "route not found",
    "printer is offline",
    "order_id is too long",
    ...["invalid sign of order", "The api key field is invalid.", "The selected printer is invalid."],
    ...["no data of this device", "签名错误", "时间戳错误", "order_json is invalid"],
    "order refused: unknown error",
    "order status is invalid",
  ])("says %j", (msg) => {
    expect(judge(200, { code: 4005, msg })).toMatchObject({ kind: "rejected", order_unknown: false });
  });

  it("says it with a 404 too", () => {
    expect(judge(404, { msg: "api_key not found" }).order_unknown).toBe(false);
    expect(judge(404, { msg: "device not found" }).order_unknown).toBe(false);
  });

  it("is no unknown order when nothing was rejected", () => {
    expect(judge(200, { code: 0, msg: "order not found" })).toMatchObject({
      kind: "accepted",
      order_unknown: false,
    });
    expect(judge(500, { msg: "order not found" })).toMatchObject({ kind: "unknown", order_unknown: false });
  });
});
