import type { FoundPage } from "../ledger/ledger.ts";
import { note, type Cli } from "./cli.ts";

type Search<Row> = (after: { after?: string }) => Promise<FoundPage<Row>>;

/** The first `limit` of a search, or all: one look after another, so that a running service has its turn in between. */
export async function firstOf<Row>(
  search: Search<Row>,
  limit: number,
): Promise<{ items: Row[]; hasMore: boolean }> {
  const items: Row[] = [];
  let after: { after?: string } = {};
  for (;;) {
    const page = await search(after);
    items.push(...page.items);
    if (page.next === null || items.length >= limit) {
      return { items: items.slice(0, limit), hasMore: page.next !== null || items.length > limit };
    }
    after = { after: page.next };
  }
}

/** All that a search finds, as much of each as is needed. @param kept what of a row is kept in memory */
export async function allOf<Row, Kept>(search: Search<Row>, kept: (row: Row) => Kept): Promise<Kept[]> {
  const all: Kept[] = [];
  let after: { after?: string } | null = {};
  while (after !== null) {
    const page: FoundPage<Row> = await search(after);
    all.push(...page.items.map(kept));
    after = page.next === null ? null : { after: page.next };
  }
  return all;
}

/** That a list was cut, for the person beside whoever reads it, as JSON too. @param how options that show more */
export function noteCut(cli: Cli, limit: number, how: string): void {
  note(cli, `the newest ${limit}; there may be more: ${how}`);
}
