import assert from "node:assert/strict";
import fc from "fast-check";
import { VERDICTS } from "../../src/core/delivery.ts";
import { readCallback } from "../../src/goodcom/callback.ts";
import { bytesOf } from "./bytes.ts";
import { mutated } from "./mutate.ts";
import { assertHarmless, assertUnpolluted, target } from "./target.ts";

/** Callbacks of the vendor's relatives (facts on Goodcom, "The callback"). */
const DOCUMENTS = [
  { a: "1", o: "10006", ak: "Accepted", m: "OK", dt: "15:30", u: "shop", p: "pw" },
  { order_id: "10006", status: 1, msg: "OK", processing_time: 5, delivery_time: "15:30" },
  { code: 0, data: { order_status: "2", message: "Sold out", time: "15:30" } },
  [{ result: true, reason: "已接单", state: "printed" }],
];

const WORDS = ["Accepted", "REJECTED", "not accepted", "timed out", "拒绝", "未确认", "1", "0", "2", "n't"];
const NAMES = [
  "status",
  "ak",
  "AK ",
  "order_status",
  "state",
  "result",
  "msg",
  "m",
  "reason",
  "dt",
  "time",
  "x",
];

const pair = fc
  .tuple(
    fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: "binary", maxLength: 10 })),
    fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: "binary", maxLength: 300 })),
  )
  .map((both) => both.map((text) => encodeURIComponent(text.toWellFormed())).join("="));
const form = fc
  .tuple(fc.array(pair, { maxLength: 12 }), fc.constantFrom("", "?", "&&", "%", "%zz", "+", "=", ";"))
  .map(([pairs, oddity]) => oddity + pairs.join("&"));

const input = fc.record({
  method: fc.constantFrom("GET", "POST"),
  query: form,
  content_type: fc.option(
    fc.constantFrom(
      ...[
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/xml",
      ],
    ),
  ),
  body: bytesOf(
    fc.oneof(
      form,
      mutated(
        DOCUMENTS,
        WORDS.map((word) => JSON.stringify(word)),
      ),
    ),
  ),
  /** Where a device's password is put, as its relatives put it. */
  password: fc.constantFrom("nowhere" as const, "query" as const, "form" as const, "json" as const),
  passwordName: fc.constantFrom("p", "P", "pwd", "password", "secret_key", "api_key", "token", "sign"),
});

const PASSWORD = "Tr0ub4dor";
const RAW_BYTES_MAX = 4096;
const MESSAGE_CHARS_MAX = 200;
const TIME_CHARS_MAX = 60;

function withPassword({
  password,
  passwordName,
  query,
  body,
  ...rest
}: typeof input extends fc.Arbitrary<infer T> ? T : never) {
  const secret = `${passwordName}=${PASSWORD}`;
  switch (password) {
    case "nowhere":
      return { ...rest, query, body };
    case "query":
      return { ...rest, query: `${secret}&${query}`, body };
    case "form":
      return { ...rest, query, body: Buffer.concat([Buffer.from(`o=1&${secret}&`), body]) };
    case "json":
      return {
        ...rest,
        query,
        body: Buffer.concat([Buffer.from(`{"${passwordName}": "${PASSWORD}", "x": `), body]),
      };
  }
}

/** What the printer cloud calls back: never thrown at, kept small, its passwords masked. */
export const callbackTarget = target({
  name: "callback",
  input,
  runs: 400,
  hold(given) {
    const told = readCallback(withPassword(given));
    assertUnpolluted(told);
    const { verdict, message, time } = told.confirmation;
    assert.deepEqual(Object.keys(told.confirmation).sort(), ["message", "time", "verdict"]);
    assert.ok(VERDICTS.includes(verdict));
    assert.ok(message === null || (message !== "" && Array.from(message).length <= MESSAGE_CHARS_MAX));
    assert.ok(time === null || (time !== "" && Array.from(time).length <= TIME_CHARS_MAX));
    assertHarmless([message, time]);
    assert.ok(Buffer.byteLength(told.raw) <= RAW_BYTES_MAX, "what is kept is out of bounds");
    assert.ok(!told.raw.includes(PASSWORD), "a device's password is kept");
    const raw = JSON.parse(told.raw) as Record<string, unknown>;
    assert.deepEqual(Object.keys(raw), ["method", "query", "body"]);
    assertHarmless(raw);
  },
});
