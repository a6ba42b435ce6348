import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const THEME = readFileSync(new URL("../../src/http/dashboard/style/theme.css", import.meta.url), "utf8");

type Colours = ReadonlyMap<string, string>;

/** The theme's colours by name; those of the dark one stand over those of the light. */
function coloursOf(dark: boolean): Colours {
  const [, light = "", night = ""] = THEME.split(":root {");
  const all = [light, dark ? night : ""].flatMap((part) => [
    ...part.slice(0, part.indexOf("}")).matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g),
  ]);
  return new Map(all.map(([, name = "", value = ""]) => [name, value]));
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const TONES = ["good", "wait", "bad", "off"];
/** WCAG 1.4.3: what is read. */
const TEXTS = [
  ...["page", "card"].flatMap((ground) => ["text", "muted", "link"].map((ink) => [ink, ground])),
  ...TONES.flatMap((tone) => [tone, "text", "link"].map((ink) => [ink, `${tone}-soft`])),
  ...TONES.map((tone) => [tone, "card"]),
  ["on-strong", "strong"],
];
/** WCAG 1.4.11: what is seen: a field's border, the ring around what has the focus, a bar of a plot. */
const SHAPES = [
  ["muted", "page"],
  ["link", "page"],
  ["bar", "card"],
  ["bar-front", "card"],
];

describe.each([false, true])("the colours, dark: %s", (dark) => {
  const colours = coloursOf(dark);
  const of = (name = ""): string => colours.get(name) ?? "";

  test("black on white is 21 to 1", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  });

  test.each(TEXTS)("%s can be read on %s", (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(SHAPES)("%s can be seen on %s", (ink, ground) => {
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(3);
  });
});

test("what stands in an empty field is read like the rest, whatever the browser would take", () => {
  expect(THEME).toMatch(/::placeholder \{\s+color: var\(--muted\);\s+opacity: 1;/);
});
