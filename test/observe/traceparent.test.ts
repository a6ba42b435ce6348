import { describe, expect, test } from "vitest";
import { attemptSpan, readTraceparent, rootSpan } from "../../src/observe/traceparent.ts";

// The example of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
const EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("a traceparent header", () => {
  test("is taken as W3C Trace Context writes it", () => {
    expect(readTraceparent(EXAMPLE)).toBe(EXAMPLE);
    expect(readTraceparent(` ${EXAMPLE} `)).toBe(EXAMPLE);
  });

  test("of a later version is read by what it has in common with ours", () => {
    const later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like";
    expect(readTraceparent(later)).toBe(EXAMPLE);
  });

  test.each([
    ["none", undefined],
    ["empty", ""],
    ["version ff", EXAMPLE.replace(/^00/, "ff")],
    ["more after version 00", `${EXAMPLE}-more`],
    ["capital letters", EXAMPLE.toUpperCase()],
    ["no trace", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
    ["no span", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"],
    ["a digit too few", EXAMPLE.replace("4bf9", "4bf")],
    ["two headers", `${EXAMPLE}, ${EXAMPLE}`],
    ["a line break", `${EXAMPLE}\r\nX-Evil: 1`],
    ["markup", "00-<script>alert(1)</script>aaaaaaa-00f067aa0ba902b7-01"],
    ["SQL", "00-4bf92f3577b34da6a3ce929d0e0e4736'; DROP TABLE deliveries;--"],
    ["megabytes", `cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${"x".repeat(1_000_000)}`],
  ])("%s: ignored", (_what, header) => {
    expect(readTraceparent(header)).toBeNull();
  });
});

test("spans that others stand under have the same ids whoever makes them, and no two the same", () => {
  const named = { root: "01JW", traceparent: EXAMPLE };
  const own = { root: "01JW", traceparent: null };
  expect(rootSpan(named)).toEqual(rootSpan({ ...named }));
  expect(rootSpan(named).trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  expect(rootSpan(own).trace_id).toMatch(/^[0-9a-f]{32}$/);
  expect(rootSpan(own).trace_id).not.toBe(rootSpan({ ...own, root: "01JX" }).trace_id);
  const spans = [
    rootSpan(named).span_id,
    rootSpan({ ...named, root: "01JX" }).span_id,
    attemptSpan(named, "01JD", 1).span_id,
    attemptSpan(named, "01JD", 2).span_id,
    attemptSpan(named, "01JE", 1).span_id,
  ];
  expect(new Set(spans).size).toBe(5);
  for (const span of spans) expect(span).toMatch(/^[0-9a-f]{16}$/);
});
