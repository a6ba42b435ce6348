/** A tag that names no language: Intl would take it for English. */
const UNDETERMINED = /^und(-|$)/;

/**
 * The language that is read by whoever asks for `tag`: the same language in the same script. Region, variants and
 * extensions only help to find the script: `zh-TW`, `zh_HK` and `ZH-hant` are `zh-Hant`, `zh` is `zh-Hans`, and
 * `ms-Arab` is nothing we have.
 *
 * @param tag BCP 47, in any case, or with the underscores of POSIX and Java
 * @param among tags in canonical form
 * @returns null: malformed, or none of them
 * @see Unicode TS 35, "Likely Subtags", by way of Intl
 */
export function nearestLanguage<Tag extends string>(tag: string, among: readonly Tag[]): Tag | null {
  const asked = likely(tag.replaceAll("_", "-"));
  if (asked === null) return null;
  const sameLanguage = among.filter((one) => one.split("-", 1)[0] === asked.language);
  return sameLanguage.find((one) => likely(one)?.script === asked.script) ?? null;
}

function likely(tag: string): Intl.Locale | null {
  try {
    const locale = new Intl.Locale(tag);
    return UNDETERMINED.test(locale.baseName) ? null : locale.maximize();
  } catch {
    return null;
  }
}
