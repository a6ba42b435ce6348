// Made when the first text needs them: their dictionaries take a while to load.
export const graphemes = lazily(() => new Intl.Segmenter("en", { granularity: "grapheme" }));
/** What is no word, such as punctuation, is among them. */
export const thaiWords = lazily(() => new Intl.Segmenter("th", { granularity: "word" }));

function lazily(make: () => Intl.Segmenter): (text: string) => Intl.SegmentData[] {
  let made: Intl.Segmenter | null = null;
  return (text) => Array.from((made ??= make()).segment(text));
}
