import { inPlaceOf, otherSlipsOf, slipName, type Slip } from "../answers/other-slips.ts";
import type { Kit } from "../kit.ts";
import { count } from "./bulk.ts";
import { note, type Cli } from "./cli.ts";

/** A dead delivery that is left alone: the kitchen has its order from another slip, or gets it. */
export interface Reprinted {
  id: string;
  order_name: string;
  /** The other slip's delivery and state. */
  by: string;
  state: string;
  slip: string;
}

/** @returns those that no other slip stands for, and the others with what does */
export async function apartFromReprinted<Meant extends Slip & { order_name: string }>(
  kit: Kit,
  meant: readonly Meant[],
): Promise<{ missing: Meant[]; reprinted: Reprinted[] }> {
  const othersOf = await otherSlipsOf(kit.ledger, meant);
  const missing: Meant[] = [];
  const reprinted: Reprinted[] = [];
  for (const one of meant) {
    const other = inPlaceOf(one, othersOf(one));
    if (other === null) missing.push(one);
    else {
      const { id, order_name } = one;
      reprinted.push({ id, order_name, by: other.id, state: other.state, slip: slipName(other) });
    }
  }
  return { missing, reprinted };
}

/** Named in a line; `--json` has all. */
const NAMED_MAX = 5;

export function noteReprinted(cli: Cli, reprinted: readonly Reprinted[]): void {
  if (reprinted.length === 0) return;
  const named = reprinted
    .slice(0, NAMED_MAX)
    .map(({ order_name, slip, state }) => `${order_name} (${slip}: ${state})`);
  const more = reprinted.length - named.length;
  const rest = more > 0 ? ` and ${count(more)} more` : "";
  note(
    cli,
    `left alone ${count(reprinted.length)} of which another slip has printed or is on its way: ${named.join(", ")}${rest}`,
  );
}
