import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES, type Language } from "../../src/core/settings.ts";

/**
 * What src/slip/emoji/<language>.json must hold: Unicode CLDR's short name of every emoji, from emojibase-data,
 * shortened for paper. `npm run emoji:update` writes the files; test/slip/emoji.test.ts compares them.
 */
const DATA = join(import.meta.dirname, "../../node_modules/emojibase-data");

/** emojibase-data's folders where they are not called as our languages. */
const FOLDERS: Partial<Record<Language, string>> = { "zh-Hans": "zh", "zh-Hant": "zh-hant" };

/** As meta/groups.json of emojibase-data numbers them. */
const GROUPS = { faces: 0, people: 1, components: 2, flags: 9 };

/** Faces and people that tell a kitchen something. All others are mood. */
const TELLING = new Set([
  ...["👎", "🙅", "✋", "🙂↔"], // no: without it "🙅🥜" would ask for peanuts
  ...["👍", "👌", "🙆", "🙂↕"], // yes
  ...["🤏", "🥵", "🥶"], // how much, how hot
  ...["🤢", "🤮", "🤧", "🤒", "😷", "💀", "☠"], // an allergy, or why the order was cancelled
  ...["👶", "🧒", "👦", "👧", "🤰", "🫃", "🫄", "🤱"], // who eats: small portions, nothing raw
  ...["🦴", "🦵", "🦶", "👂", "👅", "🧠", "🫀", "🫁"], // cuts of meat
]);

/** Signs whose names ("cross mark", "multiply") say less than what everybody writes for them. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{ "❌": "X", "❎": "X", "✖": "X" },
  ...{ "✅": "OK", "✔": "OK", "☑": "OK" },
};

/** Where CLDR says what the sign means on a road ("no vehicles", "no passage"): on a slip it means no. */
const CORRECTIONS: Partial<Record<Language, Record<string, string>>> = {
  ja: { "🚫": "禁止" },
  "zh-Hant": { "🚫": "禁止" },
};

interface Entry {
  emoji: string;
  label: string;
  group?: number;
}

/** @returns path from the repository's root → contents, one for each language */
export function emojiFiles(): Map<string, string> {
  return new Map(LANGUAGES.map((language) => [`src/slip/emoji/${language}.json`, contents(language)]));
}

function contents(language: Language): string {
  const path = join(DATA, FOLDERS[language] ?? language, "data.json");
  const entries = (JSON.parse(readFileSync(path, "utf8")) as Entry[])
    .filter(isNeeded)
    .map((entry) => ({ ...entry, key: keyOf(entry.emoji) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const said: Record<string, string> = {};
  const alone: Record<string, string> = {};
  for (const { key, label, group } of entries) {
    const isMood = (group === GROUPS.faces || group === GROUPS.people) && !TELLING.has(key);
    const words = isMood ? alone : said;
    words[key] = SIGNS[key] ?? CORRECTIONS[language]?.[key] ?? shortened(label, group === GROUPS.flags || key === "🔟");
  }
  return `${JSON.stringify({ said, alone }, null, 2)}\n`;
}

/** Not the parts of other emoji, not what printers have, not men and women apart where the person is there. */
function isNeeded({ emoji, group }: Entry): boolean {
  if (group === undefined || group === GROUPS.components) return false;
  return !/^[#*0-9©®™‼⁉]/u.test(emoji) && !/.\u200d[♀♂]/u.test(emoji);
}

/** Without what does not change the word, and without joiners, since `cleanLine` (core/text.ts) takes them. */
function keyOf(emoji: string): string {
  return emoji.replace(/[\ufe0f\u200d]/g, "");
}

/** No explanation in brackets, no quotation marks, no `flag:` or `keycap:`, no wide or curly punctuation. */
function shortened(label: string, hasKind: boolean): string {
  const plain = label
    .normalize("NFC")
    .replace(/[(（].*?[)）]/g, " ")
    .replace(/(?<=\p{L})’(?=\p{L})/gu, "'")
    .replace(/["„“”‘’]/g, "")
    .replace(/：/g, ": ")
    .replace(/／/g, "/");
  const name = hasKind ? plain.replace(/^[^:]*:/, "") : plain;
  return name.replace(/\s+/gu, " ").trim();
}
