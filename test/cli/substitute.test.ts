import { describe, expect, test } from "vitest";
import { substitute } from "../../src/cli/substitute.ts";

const env = { KEY: "k1", EMPTY: "", TRICKY: "a: b\n- c ${KEY}", _x9: "under" };

describe("substitute", () => {
  test("puts values in the place of names, at any depth and more than once", () => {
    const file = { printers: [{ api_key: "${KEY}", note: "<${KEY}-${_x9}>" }], n: 3, b: true, z: null };
    expect(substitute(file, env)).toEqual({
      printers: [{ api_key: "k1", note: "<k1-under>" }],
      n: 3,
      b: true,
      z: null,
    });
  });

  test("a value is text, whatever it looks like, and is not read again", () => {
    expect(substitute({ a: "${TRICKY}" }, env)).toEqual({ a: "a: b\n- c ${KEY}" });
  });

  test("$${ is a literal ${", () => {
    expect(substitute("$${KEY} and ${KEY}, $5, a$b", env)).toBe("${KEY} and k1, $5, a$b");
  });

  test("keys are left alone, and __proto__ stays a plain key", () => {
    const read = JSON.parse('{"${KEY}":"v","__proto__":{"polluted":"${KEY}"}}');
    const result = substitute(read, env) as object;
    expect(Object.keys(result)).toEqual(["${KEY}", "__proto__"]);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  test("a variable that is set and empty is an empty text", () => {
    expect(substitute({ secret_key: "${EMPTY}" }, env)).toEqual({ secret_key: "" });
  });

  test("tells every missing name once, in one error", () => {
    const file = { a: "${NOT_THERE}", b: ["${ALSO_NOT}", "${NOT_THERE}"] };
    expect(() => substitute(file, env)).toThrow(
      "not set in the environment: NOT_THERE, ALSO_NOT; set them and apply again",
    );
  });

  test("names inherited from Object are not variables", () => {
    expect(() => substitute("${constructor}", env)).toThrow("not set in the environment: constructor");
  });

  test.each(["${", "${}", "${1A}", "${A-B}", "${KEY"])("%s is a mistake, told with its place", (text) => {
    expect(() => substitute({ stores: [{ secrets: ["ok", text] }] }, env)).toThrow(
      /^stores\[0\]\.secrets\[1\]: "\$\{"/,
    );
  });
});
