import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OUTCOMES } from "../../src/core/delivery.ts";
import { judgeAnswer, type HttpAnswer } from "../../src/goodcom/answer.ts";
import { samplePrinter } from "../fakes/goodcom.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const SUCCESS = samplePrinter().success;

function judge(
  status: number,
  body: unknown = "",
  headers: HttpAnswer["headers"] = {},
  cut: string | null = null,
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return judgeAnswer({ status, headers, body: Buffer.from(text), cut }, SUCCESS, NOW);
}

describe("a 2xx answer", () => {
  it.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["the vendor's example", "{}"],
    ["PHP's empty object", "[]"],
    ["null", "null"],
    ["no status field", { order: "10006", message: "queued" }],
    ["Feie's and Yilianyun's success", { ret: 0, msg: "ok" }],
    ["Sunmi's success", { code: 1 }],
    ["HTTP's number", { code: "200" }],
    ["a word in capitals", { Status: " SUCCESS " }],
    ["success: true", { success: true }],
    ["no error, said in six ways", { error: null, err: 0, errors: [] }],
    ["no error as false", { error: false, code: 0 }],
    ["no error as empty text", { error: "" }],
    ["no error as an empty object", { errors: {} }],
    ["a payload under result beside a clear code", { code: 0, result: { status: "new" } }],
    ["success one level down", { result: { code: 0 } }],
    ["a bare word", "success"],
    ["a bare number", "0"],
    ["a byte order mark before it", '\uFEFF{"code":0}'],
    ["regression: a zero of several digits", { code: "0000" }],
    ["regression: the same without an error", { errcode: "00", error: "000000" }],
    ["regression: JSON within JSON text", JSON.stringify('{"code":0,"msg":"ok"}')],
  ])("is accepted: %s", (_name, body) => {
    expect(judge(200, body)).toMatchObject({ kind: "accepted", http_status: 200, order_unknown: false });
  });

  it.each(["gzip", "x-gzip", "GZIP", "deflate"])(
    "regression: is read though a proxy has zipped it: %s",
    (coding) => {
      const zip = coding === "deflate" ? deflateSync : gzipSync;
      const zipped = (body: string) =>
        judgeAnswer(
          { status: 200, headers: { "content-encoding": coding }, body: zip(body), cut: null },
          SUCCESS,
          NOW,
        );
      expect(zipped("{}")).toMatchObject({ kind: "accepted", response: "{}" });
      expect(zipped('{"code":7,"msg":"no paper"}')).toMatchObject({ kind: "rejected" });
      expect(zipped(" ".repeat(64 * 1024 + 1)).kind).toBe("unknown");
      expect(judge(200, "{}", { "content-encoding": coding }).kind).toBe("accepted");
    },
  );

  it("is accepted as 201 and 204 too", () => {
    expect(judge(201, { code: 0 }).kind).toBe("accepted");
    expect(judge(204).kind).toBe("accepted");
  });

  it.each([
    [
      "a code and words",
      { code: 4001, msg: "printer is offline" },
      "HTTP 200, code 4001: printer is offline",
    ],
    ["success: false", { success: false, message: "no paper" }, "HTTP 200, success false: no paper"],
    ["success: 0", { success: 0 }, "HTTP 200, success 0"],
    ["a word", { status: "fail", reason: "busy" }, "HTTP 200, status fail: busy"],
    ["an error text", { error: "sign error" }, "HTTP 200, error sign error"],
    ["error: true", { error: true, errmsg: "bad key" }, "HTTP 200, error true: bad key"],
    ["error: 1, though 1 is a success elsewhere", { error: 1 }, "HTTP 200, error 1"],
    ["an error object", { error: { code: 7, message: "no device" } }, "HTTP 200, error: no device"],
    ["a list of errors", { errors: ["a is empty", "b"] }, "HTTP 200, errors: a is empty"],
    ["failure beside success", { success: true, code: 500, msg: "x" }, "HTTP 200, code 500: x"],
    ["failure after an inner success", { ret: -1, data: { code: 0 } }, "HTTP 200, ret -1"],
    ["a result object", { result: { code: 12, msg: "y" } }, "HTTP 200, code 12: y"],
    ["a name with underscores", { err_code: "E7", err_msg: "z" }, "HTTP 200, err_code E7: z"],
    ["Chinese words", { code: 9, msg: "签名错误" }, "HTTP 200, code 9: 签名错误"],
    ["a bare false", false, 'HTTP 200, the answer is "false"'],
    [
      "JSON within JSON text",
      JSON.stringify('{"code":9,"msg":"sign error"}'),
      "HTTP 200, code 9: sign error",
    ],
    ["a zero of several digits as no success", { success: "00" }, "HTTP 200, success 00"],
  ])("is rejected: %s", (_name, body, detail) => {
    expect(judge(200, body)).toMatchObject({ kind: "rejected", detail });
  });

  it.each([
    ["HTML", "<html><body>It works!</body></html>"],
    ["half of a JSON text", '{"code":'],
    ["nonsense", "\u0000\u0001\u0002"],
    ["a text that is no success", '"maybe"'],
    ["nesting without end", "[".repeat(100_000)],
  ])("is unknown: %s", (_name, body) => {
    expect(judge(200, body)).toMatchObject({
      kind: "unknown",
      detail: "HTTP 200, but the answer cannot be read",
    });
  });

  it("is unknown when it broke off, whatever it said so far", () => {
    expect(judge(200, "{}", {}, "the connection was closed")).toMatchObject({
      kind: "unknown",
      detail: "HTTP 200, then the connection was closed",
    });
  });

  it("follows the printer's own success set", () => {
    const body = Buffer.from('{"code":0}');
    expect(judgeAnswer({ status: 200, headers: {}, body, cut: null }, ["100"], NOW).kind).toBe("rejected");
    const hundred = Buffer.from('{"code":100}');
    expect(judgeAnswer({ status: 200, headers: {}, body: hundred, cut: null }, ["100"], NOW).kind).toBe(
      "accepted",
    );
  });
});

describe("another status", () => {
  it.each([
    [400, "rejected"],
    [401, "rejected"],
    [404, "rejected"],
    [413, "rejected"],
    [422, "rejected"],
    [408, "unknown"],
    [425, "unavailable"],
    [429, "unavailable"],
    [500, "unknown"],
    [502, "unknown"],
    [503, "unavailable"],
    [504, "unknown"],
    [302, "unavailable"],
    [307, "unavailable"],
    [301, "rejected"],
    [308, "rejected"],
    [199, "unknown"],
    [600, "unknown"],
  ])("%i is %s", (status, kind) => {
    expect(judge(status)).toMatchObject({ kind, http_status: status });
  });

  it("carries the cloud's words", () => {
    expect(judge(401, { msg: "sign error" }).detail).toBe("HTTP 401: sign error");
    expect(judge(400, "order_id is empty").detail).toBe("HTTP 400: order_id is empty");
    expect(judge(502, "<html><h1>Bad Gateway</h1></html>").detail).toBe("HTTP 502");
  });

  it("is judged by the status alone when the body broke off", () => {
    expect(judge(503, '{"ms', {}, "the connection was closed").kind).toBe("unavailable");
    expect(judge(400, '{"ms', {}, "the connection was closed").kind).toBe("rejected");
  });

  it("says what to mend when the address is wrong", () => {
    expect(judge(301).detail).toContain("GOODCOM_URL");
  });
});

describe("headers", () => {
  it("reads Retry-After in seconds", () => {
    expect(judge(429, "", { "retry-after": "7" }).retry_after_ms).toBe(7000);
    expect(judge(503, "", { "retry-after": " 120 " }).retry_after_ms).toBe(120_000);
    expect(judge(500, "", { "retry-after": "3" }).retry_after_ms).toBe(3000);
  });

  it("reads Retry-After as a date, by the answer's own clock where it has one", () => {
    const at = "Tue, 24 Nov 2026 12:00:30 GMT";
    expect(judge(503, "", { "retry-after": at }).retry_after_ms).toBe(30_000);
    const date = "Tue, 24 Nov 2026 12:00:10 GMT";
    expect(judge(503, "", { "retry-after": at, date }).retry_after_ms).toBe(20_000);
    expect(judge(503, "", { "retry-after": "Tue, 24 Nov 2026 11:00:00 GMT" }).retry_after_ms).toBe(0);
  });

  it.each(["soon", "-5", "1.5", "", "99999999999999", "Nonsense, 99 Foo 2026 GMT"])(
    "ignores a Retry-After of %j",
    (asked) => {
      expect(judge(429, "", { "retry-after": asked }).retry_after_ms).toBeNull();
    },
  );

  it("tells no Retry-After of an answer that ends the delivery", () => {
    expect(judge(200, "{}", { "retry-after": "7" }).retry_after_ms).toBeNull();
    expect(judge(400, "", { "retry-after": "7" }).retry_after_ms).toBeNull();
  });

  it("measures our clock against Date", () => {
    expect(judge(200, "{}", { date: "Tue, 24 Nov 2026 11:58:00 GMT" }).clock_skew_ms).toBe(120_000);
    expect(judge(500, "", { date: "Tue, 24 Nov 2026 12:00:05 GMT" }).clock_skew_ms).toBe(-5000);
    expect(judge(200, "{}").clock_skew_ms).toBeNull();
    expect(judge(200, "{}", { date: "yesterday" }).clock_skew_ms).toBeNull();
  });
});

describe("what is kept", () => {
  it("keeps the answer's text, clean and at most 8 KB", () => {
    expect(judge(500, "a\u0000b\u202e\r\nc").response).toBe("ab c");
    expect(judge(500, "x".repeat(60_000)).response).toHaveLength(8192);
    expect(Buffer.byteLength(judge(500, "單".repeat(20_000)).response ?? "")).toBeLessThanOrEqual(8192 + 3);
    expect(judge(204).response).toBe("");
  });

  it("hides what it is told to hide, also where a text is cut", () => {
    const hide = (text: string) => text.replaceAll("SECRET-5511aa", "***");
    const long = `${"x".repeat(190)}SECRET-5511aa`;
    const body = Buffer.from(JSON.stringify({ code: "SECRET-5511aa", msg: long, SECRET: "SECRET-5511aa" }));
    const outcome = judgeAnswer({ status: 200, headers: {}, body, cut: null }, SUCCESS, NOW, hide);
    expect(outcome.kind).toBe("rejected");
    expect(JSON.stringify(outcome)).not.toContain("SECRET-55");
  });

  it("keeps details to one line", () => {
    const { detail } = judge(400, { msg: `a\nb\u2028c${"d".repeat(5000)}` });
    expect(detail).not.toMatch(/[\n\u2028]/);
    expect(detail.length).toBeLessThan(300);
  });
});

describe("judgeAnswer", () => {
  it("never throws, whatever comes", () => {
    const headers = fc.record(
      { "retry-after": fc.string(), date: fc.string() },
      { requiredKeys: [] },
    ) as fc.Arbitrary<HttpAnswer["headers"]>;
    const bodies = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc
        .dictionary(fc.constantFrom("code", "status", "error", "result", "msg", "success"), fc.jsonValue())
        .map((value) => Buffer.from(JSON.stringify(value))),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), headers, bodies, (status, head, body) => {
        const outcome = judgeAnswer({ status, headers: head, body, cut: null }, SUCCESS, NOW);
        expect(OUTCOMES).toContain(outcome.kind);
        expect(outcome.detail).not.toMatch(/[\u0000-\u001f]/); // eslint-disable-line no-control-regex -- the point
        if (outcome.kind === "accepted") expect(status >= 200 && status < 300).toBe(true);
        if (outcome.order_unknown) expect(outcome.kind).toBe("rejected");
      }),
      { numRuns: 500 },
    );
  });
});
