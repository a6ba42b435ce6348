import { describe, expect, it } from "vitest";
import { afterConfirmation } from "../../src/core/decide.ts";
import type { Confirmation, Delivery } from "../../src/core/delivery.ts";
import { readCallback } from "../../src/goodcom/callback.ts";
import { verdictOf } from "../../src/answers/verdict.ts";
import { FRESH } from "../core/a-delivery.ts";

function get(query: Record<string, string>): Confirmation {
  const asked = new URLSearchParams(query);
  return readCallback({ method: "GET", query: asked, content_type: null, body: Buffer.alloc(0) })
    .confirmation;
}

// Devices that call `?a=AC001&u=…&p=…&m=Accepted`: github.com/EhabNasr/GoodCommPrinterAPI; `OrderState`:
// github.com/duofei/dawuweiba; a sentence in the printer's language: the same. Read 2026-11.
describe("regression: what a printer confirmed was taken for words nobody knows, and its slip for not confirmed", () => {
  it.each([
    [{ a: "AC001", u: "shop", p: "pw", m: "Accepted" }, "accepted"],
    [{ a: "AC001", u: "shop", p: "pw", m: "Rejected" }, "rejected"],
    [{ ak: "", m: "accepted " }, "accepted"],
    [{ orderStatus: "Accepted" }, "accepted"],
    [{ OrderState: "Rejected" }, "rejected"],
    [{ "order-state": "1" }, "accepted"],
  ] as const)("%j", (query, verdict) => {
    expect(get(query).verdict).toBe(verdict);
  });

  it("in JSON within one field of a form, or of JSON", () => {
    const inner = '{"order_id":"1","status":1,"msg":"ok"}';
    expect(get({ data: inner })).toMatchObject({ verdict: "accepted", message: "ok" });
    const body = Buffer.from(JSON.stringify({ data: inner }));
    const posted = { method: "POST", query: "", content_type: "application/json", body };
    expect(readCallback(posted).confirmation.verdict).toBe("accepted");
    expect(get({ data: '{"status":' }).verdict).toBe("unrecognised");
  });

  it("a message beside a verdict has none, whatever it says", () => {
    expect(get({ ak: "Accepted", m: "Rejected twice before" }).verdict).toBe("accepted");
    expect(get({ status: "7", m: "OK" }).verdict).toBe("unrecognised");
    for (const m of ["two sauces", "OK", "success", "order confirmed", "Rejected twice"]) {
      expect(get({ m }).verdict).toBe("unrecognised");
    }
  });

  it.each([
    ["Aceptado", "Rechazado", "No aceptado"],
    ["Aceito", "Recusado", "Não confirmado"],
    ["Accepté", "Refusé", "Rejeté"],
    ["Accettato", "Rifiutato", "Non accettato"],
    ["Angenommen", "Abgelehnt", "Nicht bestätigt"],
    ["Diterima", "Ditolak", "Tidak diterima"],
    ["受付済み", "却下", "未受付"],
    ["승인", "거절", "미확인"],
    ["ยอมรับ", "ปฏิเสธ", "ไม่ยอมรับ"],
    ["Đã nhận", "Từ chối", "Không xác nhận"],
    ["您的订单已接受！", "您的订单被拒绝！", "未确认"],
  ])("%s; %s, %s", (accepted, ...rejected) => {
    expect(get({ ak: accepted }).verdict).toBe("accepted");
    for (const word of rejected) expect(get({ ak: word }).verdict).toBe("rejected");
  });
});

describe("a bare cancelled, which may be a refusal or the printer's yes to the cancellation", () => {
  const adviceOf = (query: Record<string, string>): string | null => {
    const accepted: Delivery = { ...FRESH, ...{ state: "accepted", accepted_at: 1 } };
    const transition = afterConfirmation(accepted, get(query), 2);
    return verdictOf({ ...accepted, ...transition?.set }, { now: 2, zone: "UTC" }).advice;
  };

  it.each(["cancelled", "Canceled", "ORDER_CANCELLED", "已取消"])("%s is a refusal that says so", (word) => {
    expect(get({ status: word })).toMatchObject({ verdict: "rejected", message: word });
    expect(adviceOf({ status: word })).toContain("its yes to the cancellation");
  });

  it("a plain refusal is told as one", () => {
    for (const query of [{ ak: "Rejected" }, { ak: "Rejected", m: "too busy" }, { status: "2" }]) {
      expect(adviceOf(query)).toContain("pressed reject");
    }
  });
});
