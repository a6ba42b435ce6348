import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cancellation } from "../../src/core/cancellation.ts";
import { valueOf } from "../../src/core/expiring.ts";
import type { StoreSettings } from "../../src/core/settings.ts";
import type { InboundRequest, PlatformWords } from "../../src/platforms/platform.ts";
import { aRequest, fixture, NOW } from "./a-store.ts";
import { expectSound, HARMFUL } from "./sound.ts";

/** What every platform must hold to, whatever its shops send. */
export interface Subject {
  platform: PlatformWords;
  store: StoreSettings;
  /** A fixture, and by hand what it means. */
  fixtures: { file: string; means: Cancellation }[];
  /** Text of the smallest cancellation, with this JSON as its order id. */
  smallest: (id: string) => string;
  /** An authentic request around that body, made without the code under test. */
  authentic: (body: Buffer) => InboundRequest;
  /** Top-level paths on which it depends whether this is a cancellation, and of which order. */
  deciding: RegExp;
  /** Any of the platform's own keys, for arbitrary objects to be made of. */
  keys: string[];
}

const EMPTY: unknown[] = [null, "", "  ", [], {}];
const WRONG: unknown[] = [
  true,
  12.5,
  -1,
  "some words",
  "\u0007\u202e",
  ["x", 1, null],
  { x: { y: [] } },
  "9".repeat(999),
];

export function platformContract(subject: Subject): void {
  const { platform, store } = subject;
  const read = (body: Buffer | string) => platform.read(Buffer.from(body), store);

  describe.each(subject.fixtures)("$file", ({ file, means }) => {
    const body = fixture(file);

    test("means what was written down by hand", () => {
      expect(read(body)).toEqual({ kind: "cancellation", cancellation: means });
    });

    test("means the same with a byte order mark, and pretty or in one line", () => {
      const value: unknown = JSON.parse(body.toString());
      const same = { kind: "cancellation", cancellation: means };
      expect(read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]))).toEqual(same);
      expect(read(JSON.stringify(value))).toEqual(same);
      expect(read(`\n${JSON.stringify(value, null, "\t")}\r\n`)).toEqual(same);
    });

    const paths = pathsIn(JSON.parse(body.toString())).filter(
      (path) => !subject.deciding.test(path.join(".")),
    );

    test("every field but the deciding ones may be missing or empty, and is no problem then", () => {
      expect(paths.length).toBeGreaterThan(20);
      for (const path of paths) {
        for (const put of [undefined, ...EMPTY]) {
          const reading = read(JSON.stringify(changed(body, path, put)));
          expectSound(reading);
          expect(reading, path.join(".")).toMatchObject({
            kind: "cancellation",
            cancellation: { order_id: means.order_id, problems: [] },
          });
        }
      }
    });

    test("every field but the deciding ones may be of the wrong type", () => {
      for (const path of paths) {
        for (const put of WRONG) {
          const reading = read(JSON.stringify(changed(body, path, put)));
          expectSound(reading);
          expect(reading, path.join(".")).toMatchObject({
            kind: "cancellation",
            cancellation: { order_id: means.order_id },
          });
        }
      }
    });

    test("a deciding field of any type is read, ignored or quarantined, and never a crash", () => {
      const deciding = pathsIn(JSON.parse(body.toString())).filter((path) =>
        subject.deciding.test(path.join(".")),
      );
      expect(deciding.length).toBeGreaterThan(0);
      for (const path of deciding) {
        for (const put of [undefined, ...EMPTY, ...WRONG]) {
          expectSound(read(JSON.stringify(changed(body, path, put))));
        }
      }
    });
  });

  describe("order ids", () => {
    test.each([
      ['"21056577640603870897253153"', "21056577640603870897253153"],
      ["21056577640603870897253153", "21056577640603870897253153"],
      ["9007199254740993", "9007199254740993"],
      ["42", "42"],
      ['"  11218-00000001\\n"', "11218-00000001"],
      ['"\\u0000A\\u202e1"', "A1"],
      [JSON.stringify("x".repeat(100)), "x".repeat(100)],
    ])("%s is the order %s", (json, id) => {
      expect(read(subject.smallest(json))).toMatchObject({
        kind: "cancellation",
        cancellation: { order_id: id, problems: [] },
      });
    });

    test.each([
      ...[
        "null",
        "true",
        "false",
        '""',
        '"  "',
        "0",
        '"0"',
        "-5",
        "1.5",
        "1e30",
        "[]",
        "[7]",
        "{}",
        '{"id":7}',
      ],
      JSON.stringify("x".repeat(101)),
      JSON.stringify("\u0000\u0007"),
    ])("%s is no order id: quarantined", (json) => {
      expect(read(subject.smallest(json))).toEqual({
        kind: "quarantined",
        reason: "there is no usable order id in the body",
      });
    });

    test("of duplicate keys the last counts, and __proto__ is a plain key", () => {
      const twice = subject.smallest('"1","id":"2","__proto__":{"id":"3","cancelled_at":"x"}');
      expect(read(twice)).toMatchObject({ kind: "cancellation", cancellation: { order_id: "2" } });
      expect(read('{"__proto__":{"id":"3","cancelled_at":"2026-11-01"}}').kind).toBe("quarantined");
      expect(Object.prototype).not.toHaveProperty("id");
    });
  });

  test.each([
    ["nothing", "", "the body is empty"],
    ["half an object", "{", "the body is not JSON"],
    ["a form", "id=7&cancelled_at=1", "the body is not JSON"],
    ["XML", "<order/>", "the body is not JSON"],
    ["null", "null", "the body is JSON, but not an object"],
    ["a number", "7", "the body is JSON, but not an object"],
    ["a text", '"text"', "the body is JSON, but not an object"],
    ["a list", '[{"id":"7"}]', "the body is JSON, but not an object"],
    ["deep nesting", `{"id":"7","a":${"[".repeat(5000)}${"]".repeat(5000)}}`, "the body nests too deep"],
    ["an empty object", "{}", "there is no usable order id in the body"],
  ])("quarantines %s", (_what, body, reason) => {
    expect(read(body)).toEqual({ kind: "quarantined", reason });
  });

  // Nothing is known of such requests but SHOPLINE's: elsewhere they are what they always were.
  test.each(["customers_redact", "merchants_redact"])(
    "an order that has all of %s erases nothing",
    (which) => {
      const request = fixture(`shopline.webhook.${which}.from-field-table.json`).toString();
      if (platform.name !== "shopline") expect(read(request).kind).toBe("quarantined");
      const fields = request.trim().slice(1, -1);
      const order = subject.smallest(`"7",${fields.replace(/"store_id"[^,]*,/, "")}`);
      expect(read(order)).toMatchObject({ kind: "cancellation", cancellation: { order_id: "7" } });
    },
  );

  test("invalid UTF-8 is a strange character and not a lost slip", () => {
    const body = Buffer.from(subject.smallest('"7#8"'));
    body[body.indexOf("#")] = 0xff;
    const strange = { kind: "cancellation", cancellation: { order_id: "7\ufffd8" } };
    expect(read(body)).toMatchObject(strange);
    expect(read(Buffer.concat([Buffer.from("\ufeff \r\n\t"), body]))).toMatchObject(strange);
  });

  describe("authenticity", () => {
    const body = Buffer.from(subject.smallest('"7"'));

    test("an authentic request passes", () => {
      expect(platform.verify(subject.authentic(body), store, NOW)).toBeNull();
    });

    test("a bare request, and any request to a store without keys, does not", () => {
      expect(platform.verify(aRequest(body), store, NOW)).not.toBeNull();
      for (const none of [[], [""], ["", ""]]) {
        const keyless = { ...store, secrets: none, token_hashes: none };
        expect(platform.verify(subject.authentic(body), keyless, NOW)).not.toBeNull();
        expect(platform.verify(aRequest(body, { path_token: "" }), keyless, NOW)).not.toBeNull();
      }
    });

    test("what has an end verifies until then, and not from that moment on", () => {
      const ending = (entries: StoreSettings["secrets"]) =>
        entries.map((value) => ({ value: valueOf(value), valid_until: NOW }));
      const ended = {
        ...store,
        secrets: ending(store.secrets),
        token_hashes: ending(store.token_hashes),
      };
      expect(platform.verify(subject.authentic(body), ended, NOW - 1)).toBeNull();
      expect(platform.verify(subject.authentic(body), ended, NOW)).not.toBeNull();
    });

    test("no refusal says a secret, a token or anything of the body", () => {
      const forged = { ...subject.authentic(body), path_token: "wrong-token", headers: {} };
      const refusal = platform.verify(forged, store, NOW);
      expect(refusal?.detail).toMatch(/\S/);
      for (const hidden of [...store.secrets, ...store.token_hashes, "wrong-token"]) {
        expect(refusal?.detail).not.toContain(valueOf(hidden));
      }
    });
  });

  describe("whatever comes", () => {
    const key = fc.constantFrom(...subject.keys);
    const strange = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("\u001b[31mred\u0007", "\u202eevil", "\r\n#1*x", "a\u0000b", "1e99", "-0", "\ud800"),
    );
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        strange,
        fc.array(tie("json"), { maxLength: 4 }),
        fc.dictionary(key, tie("json"), { maxKeys: 12 }),
      ),
    }));

    test("reading never throws and leaks nothing that moves a printer or a terminal", () => {
      fc.assert(
        fc.property(fc.dictionary(key, json, { maxKeys: 20 }), (told) => {
          const order = { ...told, id: "7", cancelled_at: "2026-11-01T10:00:00Z", status: "cancelled" };
          const reading = read(JSON.stringify(order));
          expectSound(reading);
          const wrapped = { order, data: order };
          expectSound(read(JSON.stringify(wrapped)));
        }),
        { numRuns: 300 },
      );
    });

    test("any bytes and any headers are taken by every reader", () => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
            fc.oneof(fc.jsonValue(), json).map((value) => Buffer.from(JSON.stringify(value))),
          ),
          fc.dictionary(fc.constantFrom(...platform.kept_headers), fc.string({ unit: "binary" })),
          (body, headers) => {
            expectSound(platform.read(body, store));
            const labels = platform.labels(headers, body);
            expect(`${labels.topic ?? ""}${labels.webhook_id ?? ""}`).not.toMatch(HARMFUL);
            expect(platform.verify(aRequest(body, { headers }), store, NOW)).not.toBeNull();
            platform.verifyShop({ headers, body }, { ...store, shop_id: "1" });
          },
        ),
        { numRuns: 300 },
      );
    });
  });
}

type Path = (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path.length === 0 ? [] : [path];
  const inside = Object.entries(value).flatMap(([key, entry]) =>
    pathsIn(entry, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inside : [path, ...inside];
}

/** A copy of the fixture with one thing put elsewhere; undefined takes the field away. */
function changed(body: Buffer, path: Path, put: unknown): unknown {
  const root: unknown = JSON.parse(body.toString());
  let at = root as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (put === undefined && Array.isArray(at)) at.splice(Number(last), 1);
  else at[last] = put;
  return root;
}
