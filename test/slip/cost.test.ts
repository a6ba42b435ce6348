import { expect, test } from "vitest";
import { itemsContent } from "../../src/slip/items.ts";
import { typesetter, type Typeset } from "../../src/slip/typeset.ts";
import { WORDS } from "../../src/slip/words/index.ts";
import { item } from "../golden/tickets.ts";

/** What is set of an order, in characters, and how many texts the buyer is looked for in. */
function workFor(items: ReturnType<typeof item>[]): { set: number; hidden: number } {
  const work = { set: 0, hidden: 0 };
  const english = typesetter("en");
  const typeset: Typeset = {
    text: (whole, columnsMax) => {
      work.set += whole?.length ?? 0;
      return english.text(whole, columnsMax);
    },
    amount: (amount) => english.amount(amount),
  };
  const hide = <Text extends string | null>(whole: Text): Text => {
    if (whole !== null) work.hidden++;
    return whole;
  };
  itemsContent(items, "#1", { words: WORDS.en, typeset, hide, columns: 32 });
  return work;
}

const LONGEST = "กำ ".repeat(166);
const options = Array.from({ length: 500 }, () => ({ name: LONGEST, value: LONGEST }));

test("regression: 500 items of 500 options were all set, and the buyer looked for in each, to print 60 lines", () => {
  const many = Array.from({ length: 500 }, () => item(LONGEST, { options, note: LONGEST }));
  const work = workFor(many);
  // An item takes 30 lines at most, and one more is set to see that it has no room: 90 notes and options.
  expect(work.hidden).toBeLessThanOrEqual(95);
  expect(work.set).toBeLessThan(100_000);
});

test("the same of short ones", () => {
  const short = Array.from({ length: 500 }, () => ({ name: "a", value: "b" }));
  const many = Array.from({ length: 500 }, () => item("Soup", { options: short }));
  expect(workFor(many).hidden).toBeLessThanOrEqual(95);
});

test("the buyer is looked for in no option of which nothing prints", () => {
  const blank = Array.from({ length: 500 }, () => ({ name: "\u3164", value: "\u3164" }));
  expect(workFor([item("Soup", { options: blank })]).hidden).toBe(0);
});
