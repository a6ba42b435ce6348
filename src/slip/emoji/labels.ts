import { readFileSync } from "node:fs";
import type { Language } from "../../core/settings.ts";

/**
 * Emoji → word, as `npm run emoji:update` made them. Keys are without joiners, variation selectors, skin tones
 * and signs of gender.
 */
export interface EmojiLabels {
  /** Food, animals, things, signs, flags, and the few faces and hands that tell a kitchen something. */
  said: Readonly<Record<string, string>>;
  /** Moods and people: said only where a text is nothing but emoji. */
  alone: Readonly<Record<string, string>>;
}

const loaded = new Map<Language, EmojiLabels>();

/** Read once per language, when the first emoji comes: most slips have none. */
export function emojiLabels(language: Language): EmojiLabels {
  const known = loaded.get(language);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`./${language}.json`, import.meta.url), "utf8");
  const labels = JSON.parse(text) as EmojiLabels;
  loaded.set(language, labels);
  return labels;
}
