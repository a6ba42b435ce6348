import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VERDICTS } from "../../src/core/delivery.ts";
import { readCallback } from "../../src/goodcom/callback.ts";

function get(query: string) {
  return readCallback({ method: "GET", query, content_type: null, body: Buffer.alloc(0) });
}

function post(body: string | object, content_type: string | null = "application/json", query = "") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readCallback({ method: "POST", query, content_type, body: Buffer.from(text) });
}

const FORM = "application/x-www-form-urlencoded";

describe("regression: of the time of a callback only what is one is kept", () => {
  it.each([
    ["15:30", "15:30"],
    ["15:30 16-08-2022", "15:30 16-08-2022"],
    ["2026-11-29T15:30:01.5Z", "2026-11-29T15:30:01.5Z"],
    ["2026-11-29 3:30 PM", "2026-11-29 3:30 PM"],
    ["15:30+08:00", "15:30+08:00"],
    ["45", "45"],
    ["1795960800", "1795960800"],
    ["15:30 for Markedfirst", "15:30"],
    ["Markedfirst 0987600123", null],
    ["0987600123", null],
    ["0987-600-123", null],
  ])("%s", (dt, time) => {
    expect(get(`ak=Accepted&dt=${encodeURIComponent(dt)}`).confirmation.time).toBe(time);
  });
});

describe("forms of a callback", () => {
  it("reads the classic device's GET", () => {
    const { confirmation } = get("a=1&o=10006&ak=Accepted&m=OK&dt=15:30&u=shop&p=pw");
    expect(confirmation).toEqual({ verdict: "accepted", message: "OK", time: "15:30" });
    expect(get("a=1&o=10006&ak=Rejected&m=Sold%20out&dt=").confirmation).toEqual({
      ...{ verdict: "rejected", message: "Sold out", time: null },
    });
  });

  const part = (name: string, value: string, more = ""): string =>
    `--x1\r\nContent-Disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`;

  it("bug: a multipart form was kept and not read", () => {
    const type = "multipart/form-data; boundary=x1";
    const body = [
      part("ak", "Rejected"),
      part("m", "Sold out", "Content-Type: text/plain\r\n"),
      part("dt", "15:30"),
      part("p", "pa-ss-word"),
      "--x1--\r\n",
    ].join("");
    const { confirmation, raw } = post(body, type);
    expect(confirmation).toEqual({ verdict: "rejected", message: "Sold out", time: "15:30" });
    expect(raw).not.toContain("pa-ss-word");
    expect(raw).toContain("Sold out");
    for (const broken of ["--x1", "--x1\r\n\r\nak=1", part("", "1"), body.replaceAll("--x1", "")]) {
      expect(post(broken, type).confirmation.verdict).toBe("unrecognised");
    }
  });

  it.each([
    ["names of passwords", 'name="p"\n'.repeat(7_000)],
    ["names in one header", `--x\r\nContent-Disposition: form-data;${'name="'.repeat(10_000)}`],
  ])("regression: 64 KB of %s held up everybody for a second, whoever sent them", (_name, body) => {
    const type = "multipart/form-data; boundary=x";
    post(body, type);
    const before = process.threadCpuUsage();
    post(body, type);
    // Milliseconds of this thread alone, whatever else the machine does. It was 800 and more.
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(250);
  });

  it("reads the sibling PrinterCo's POST", () => {
    const body = "order_id=10006&status=1&msg=OK&processing_time=5&delivery_time=15%3A30";
    expect(post(body, FORM).confirmation).toEqual({ verdict: "accepted", message: "OK", time: "15:30" });
    expect(post("order_id=10006&status=2&msg=Too+busy", FORM).confirmation).toEqual({
      ...{ verdict: "rejected", message: "Too busy", time: null },
    });
  });

  it.each([
    ["JSON", { order_id: "10006", status: 1, msg: "OK", time: "15:30" }],
    ["JSON one level down", { code: 0, data: { status: "1", message: "OK", dt: "15:30" } }],
    ["JSON in a list", [{ ak: "accepted", m: "OK", delivery_time: "15:30" }]],
    ["JSON with a boolean", { result: true, reason: "OK", time: "15:30" }],
    ["JSON with names in capitals", { Order_Status: "PRINTED", MSG: "OK", Time: "15:30" }],
  ])("reads %s", (_name, body) => {
    expect(post(body).confirmation).toEqual({ verdict: "accepted", message: "OK", time: "15:30" });
  });

  it("reads JSON whatever it is called, and a query beside a body", () => {
    expect(post({ status: "2" }, FORM).confirmation.verdict).toBe("rejected");
    expect(post({ status: "2" }, null).confirmation.verdict).toBe("rejected");
    expect(post("", null, "?ak=Accepted").confirmation.verdict).toBe("accepted");
    expect(post({ msg: "m" }, "application/json", "status=1").confirmation).toMatchObject({
      ...{ verdict: "accepted", message: "m" },
    });
  });

  it("takes URLSearchParams as well", () => {
    const query = new URLSearchParams({ AK: "ACCEPTED" });
    const { confirmation } = readCallback({
      method: "GET",
      query,
      content_type: null,
      body: Buffer.alloc(0),
    });
    expect(confirmation.verdict).toBe("accepted");
  });
});

describe("words of a verdict", () => {
  it.each([
    ...["1", "true", "yes", "Accepted", "accept", "OK", "ok", "Success", "printed", "confirmed", "Done"],
    ...[
      "Accepted, ready at 15:30",
      "Order no 5 was accepted",
      "已接受",
      "已接单",
      "接單",
      "订单已确认",
      "打印成功",
    ],
  ])("%j is accepted", (word) => {
    expect(post({ status: word }).confirmation.verdict).toBe("accepted");
  });

  it.each([
    ...["2", "false", "no", "Rejected", "reject", "Declined", "refused", "cancelled", "failed", "expired"],
    ...["Not accepted", "not printed", "Order could not be accepted", "wasn't accepted", "unsuccessful"],
    ...[
      "unable to print",
      "已拒绝",
      "拒單",
      "拒单",
      "取消",
      "未接单",
      "不接受",
      "没有确认",
      "打印失败",
      "無法列印",
    ],
  ])("%j is rejected", (word) => {
    expect(post({ status: word }).confirmation.verdict).toBe("rejected");
  });

  it.each(["", "0", "3", "200", "pending", "printing", "??", "等待", null, {}, []])(
    "%j is not recognised",
    (word) => {
      expect(post({ status: word }).confirmation.verdict).toBe("unrecognised");
    },
  );

  it.each([
    ...["PRINT_SUCCESS", "order_accepted", "OrderAccepted", "print-ok"].map((word) => [word, "accepted"]),
    ...["PRINT_FAIL", "ORDER_REJECTED", "orderRejected", "not_accepted", "un-accepted", "TIME_OUT"].map(
      (word) => [word, "rejected"],
    ),
  ])("regression: %j was not recognised, or as its contrary: it is %s", (word, verdict) => {
    expect(post({ status: word }).confirmation.verdict).toBe(verdict);
  });

  it.each([
    ...["Cancellation accepted", "Order cancelled successfully", "cancel_success", "CANCEL_CONFIRMED"],
    ...[
      "Cancel request has been accepted",
      "Confirmed cancellation",
      "取消成功",
      "订单取消已确认",
      "確認取消",
    ],
  ])("regression: %j, a confirmed cancellation, was read as a refusal", (word) => {
    expect(post({ status: word }).confirmation.verdict).toBe("accepted");
  });

  it.each([
    ...[
      "Cancellation refused",
      "cancel failed",
      "Order accepted, then cancelled",
      "cancellation not confirmed",
    ],
    ...["取消失败", "拒绝取消", "已接单后取消", "未确认取消"],
  ])("%j is still a refusal", (word) => {
    expect(post({ status: word }).confirmation.verdict).toBe("rejected");
  });

  it("lets a refusal win when fields disagree", () => {
    expect(post({ status: 1, ak: "Rejected" }).confirmation.verdict).toBe("rejected");
    expect(get("ak=Accepted&status=2").confirmation.verdict).toBe("rejected");
    expect(post({ result: "success", data: { status: 2 } }).confirmation.verdict).toBe("rejected");
  });

  it("does not take the envelope's 0 for a verdict", () => {
    expect(post({ result: 0, data: { status: "Accepted" } }).confirmation.verdict).toBe("accepted");
  });
});

describe("what is no callback anybody knows", () => {
  it.each([
    ["nothing", "", null],
    ["XML", '<r status="1"><ak>Accepted</ak></r>', "text/xml"],
    ["broken JSON", '{"status":1', "application/json"],
    ["a bare word", "Accepted", "text/plain"],
    ["deep nesting", "[".repeat(50_000), "application/json"],
  ])("%s is kept and not believed", (_name, body, type) => {
    const { confirmation, raw } = post(body, type);
    expect(confirmation.verdict).toBe("unrecognised");
    expect(JSON.parse(raw)).toMatchObject({ method: "POST" });
  });
});

describe("what is kept", () => {
  it("is the whole callback as JSON text, with passwords masked", () => {
    const { raw } = get("a=1&o=10006&ak=Accepted&m=OK&u=shop&p=hunter2&P=hunter3");
    expect(JSON.parse(raw)).toEqual({
      ...{ method: "GET", query: "a=1&o=10006&ak=Accepted&m=OK&u=shop&p=***&P=***", body: "" },
    });
    const json = post({ status: 1, password: 'hun"ter2', api_key: 12345678, sign: "abcdef" }).raw;
    expect(json).not.toMatch(/hun|ter2|12345678|abcdef/);
    expect(post("status=1&p=hunter2", FORM).raw).not.toContain("hunter2");
  });

  it("is clean and bounded", () => {
    const { confirmation, raw } = post({
      status: "1",
      msg: `a\u0000\u202eb\n${"c".repeat(9000)}`,
      dt: "x".repeat(500),
    });
    expect(confirmation.message).toMatch(/^ab c+…$/);
    expect(Array.from(confirmation.message ?? "")).toHaveLength(200);
    expect(confirmation.time).toBeNull();
    expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(4096);
    expect(
      Buffer.byteLength(post(`m=${"單".repeat(9000)}"`, FORM, "😀".repeat(3000)).raw),
    ).toBeLessThanOrEqual(4096);
  });
});

describe("readCallback", () => {
  it("never throws, whatever comes", () => {
    const names = fc.constantFrom("status", "ak", "msg", "time", "data", "__proto__");
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.dictionary(names, fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value))),
    );
    const type = fc.option(fc.constantFrom("application/json", FORM, "multipart/form-data", "text/xml"));
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ unit: "binary" }),
        type,
        body,
        (method, query, content_type, bytes) => {
          const { confirmation, raw } = readCallback({ method, query, content_type, body: bytes });
          expect(VERDICTS).toContain(confirmation.verdict);
          expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(4096);
          expect(Object.keys(JSON.parse(raw) as object)).toEqual(["method", "query", "body"]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
