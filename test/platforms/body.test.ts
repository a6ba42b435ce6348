import { afterEach, expect, test, vi } from "vitest";
import { openBody, rootOf } from "../../src/platforms/body.ts";

const SHAPE = { wrappers: [], ids: ["id"] };

afterEach(() => vi.restoreAllMocks());

test("regression: a body was decoded and parsed anew for each question, up to three times 40 ms for 1 MiB", () => {
  const decode = vi.spyOn(TextDecoder.prototype, "decode");
  const body = Buffer.from('{"id":"7"}');
  const root = rootOf(body);
  expect(openBody(body, SHAPE)).toEqual({ kind: "order", root, order: root, order_id: "7" });
  expect(decode).toHaveBeenCalledTimes(1);
  // Another one with the same bytes is another body.
  expect(rootOf(Buffer.from(body))).not.toBe(root);
  expect(decode).toHaveBeenCalledTimes(2);
});

test("regression: what is neither UTF-8 nor an object was decoded, 30 ms for 1 MiB", () => {
  const decode = vi.spyOn(TextDecoder.prototype, "decode");
  for (const noise of [Buffer.of(0xff), Buffer.of(0xff, 0x7b, 0x7d), Buffer.from([0x5b, 0xff, 0x5d])]) {
    expect(openBody(noise, SHAPE)).toEqual({ kind: "quarantined", reason: "the body is not JSON" });
  }
  expect(decode).not.toHaveBeenCalled();
});

test("an object that is not all UTF-8 is read, whatever stands before it", () => {
  const object = [...Buffer.from('{"id":"7'), 0xff, ...Buffer.from('"}')];
  for (const before of ["", "\ufeff", " \r\n\t", "\ufeff "]) {
    expect(rootOf(Buffer.from([...Buffer.from(before), ...object]))).toEqual({ id: "7\ufffd" });
  }
});
