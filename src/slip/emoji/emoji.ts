import type { Language } from "../../core/settings.ts";
import { emojiLabels, type EmojiLabels } from "./labels.ts";

/** What printers have no ink for. Digits, `#`, `*`, © ® ™ ‼ ⁉ are emoji to Unicode and text to printable.ts. */
const PICTURE = String.raw`[[\p{Emoji}--[#*0-9©®™‼⁉]][\u{1f000}-\u{1ffff}]]`;
const KEYCAP = String.raw`([#*0-9])(?:\ufe0f*\u20e3)+`;
/** Text or picture, and skin tones. */
const LOOK = String.raw`[\p{Variation_Selector}\p{Emoji_Modifier}]`;
/** ♀ and ♂ are signs of their own but behind a person, with or without the joiner, which `cleanLine` takes. */
const GENDER = String.raw`(?<=[\p{Emoji_Modifier_Base}👯🤼🧞🧟]${LOOK}*)\u200d?[♀♂]\ufe0f?`;
/** One emoji, or one link of a joined one; England's flag ends in tags. */
const LINK = String.raw`(?:\p{RI}{2}|${PICTURE})[\u{e0020}-\u{e007f}]*${LOOK}*(?:${GENDER})?`;

const ANY = new RegExp(`${PICTURE}|${KEYCAP}`, "v");
const KEYCAPS = new RegExp(KEYCAP, "gv");
const RUNS = new RegExp(
  String.raw`(\s?)(${LINK}(?:[\s\u200d]*${LINK})*)(?:\u200d|\u20e3|\p{Variation_Selector})*(\s*)`,
  "gv",
);
const BESIDE = new RegExp(String.raw`[[\p{L}\p{N}]--${PICTURE}]`, "v");
const LINKS = new RegExp(String.raw`([\s\u200d]*)(${LINK})`, "gv");
const NOT_IN_KEYS = new RegExp(String.raw`${LOOK}|\u200d|(?<=.)[♀♂]`, "gv");

/** A family of four. */
const LINKS_MAX = 4;

interface Link {
  key: string;
  /** How it hangs on the one before; adjacent where the joiner may have been taken. */
  joint: "joined" | "adjacent" | "apart";
}

/**
 * The text with every emoji as its word in the language, in brackets: `no 🥜 please` → `no (peanuts) please`.
 * The same emoji again and again is said once. Skin tones and genders are not said; of a sequence that has no
 * name its first known part is; an unknown emoji vanishes. Moods and people are said only where the text has no
 * letter and no digit besides. A keycap becomes its key.
 *
 * @returns no emoji; may be many times as long as `text`, so the caller cuts. A text without emoji as it is
 */
export function emojiWords(text: string, language: Language): string {
  if (!ANY.test(text)) return text;
  const line = text.replace(KEYCAPS, "$1");
  const labels = emojiLabels(language);
  const isAlone = !BESIDE.test(line);
  return line.replace(RUNS, (all, before: string, run: string, after: string, offset: number) => {
    const left = line.slice(Math.max(0, offset - 2), offset);
    const right = line.slice(offset + all.length, offset + all.length + 2);
    const words = wordsOf(linksOf(run), labels, isAlone);
    if (words === "") return gap(left, right, after !== "" || (before !== "" && !CLOSING.test(right)));
    return gap(left, words, before !== "") + words + gap(words, right, after !== "");
  });
}

const CLOSING = /^[.,;:!?)\]、。，；：！？）]/;

/** A space where there was one, and where words would stick together. */
function gap(left: string, right: string, hadSpace: boolean): string {
  if (left === "" || right === "") return "";
  return hadSpace || (/[\p{L}\p{M}\p{N})]$/u.test(left) && /^[\p{L}\p{N}(]/u.test(right)) ? " " : "";
}

function linksOf(run: string): Link[] {
  return Array.from(run.matchAll(LINKS), ([, between = "", link = ""]) => ({
    key: link.replace(NOT_IN_KEYS, ""),
    joint: /\s/.test(between) ? "apart" : between === "" ? "adjacent" : "joined",
  }));
}

function wordsOf(links: readonly Link[], labels: EmojiLabels, isAlone: boolean): string {
  const words: string[] = [];
  let at = 0;
  while (at < links.length) {
    const { key, length } = longestKnown(links, at, labels);
    at += length;
    if (key === null) continue;
    while (links[at]?.joint === "joined") at += 1;
    const word = labels.said[key] ?? (isAlone ? labels.alone[key] : undefined);
    if (word !== undefined && word !== words.at(-1)) words.push(word);
  }
  return words.map((word) => `(${word})`).join(" ");
}

/**
 * Without joiners only what is said counts as joined: a person before a baby bottle may be a mother who feeds,
 * and vanish, but the bottle may not.
 */
function longestKnown(
  links: readonly Link[],
  from: number,
  labels: EmojiLabels,
): { key: string | null; length: number } {
  let found: { key: string | null; length: number } = { key: null, length: 1 };
  let key = "";
  let isJoined = true;
  for (const [index, link] of links.slice(from, from + LINKS_MAX).entries()) {
    if (index > 0 && link.joint === "apart") break;
    isJoined &&= index === 0 || link.joint === "joined";
    key += link.key;
    if (key in labels.said || (isJoined && key in labels.alone)) found = { key, length: index + 1 };
  }
  return found;
}
