/** JSON as a tree that can also hold what JSON.stringify would never write: any numeral, any key, any key twice. */
export type Tree = { raw: string } | { list: Tree[] } | { members: [key: string, value: Tree][] };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { list: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    return { members: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]) };
  }
  return { raw: JSON.stringify(value) };
}

export function textOfTree(tree: Tree): string {
  if ("raw" in tree) return tree.raw;
  if ("list" in tree) return `[${tree.list.map(textOfTree).join(",")}]`;
  return `{${tree.members.map(([key, value]) => `${JSON.stringify(key)}:${textOfTree(value)}`).join(",")}}`;
}

/** Where a part of a tree stands: enough to read, write, remove and rename it. */
export interface Place {
  holder: { list: Tree[] } | { members: [string, Tree][] };
  index: number;
}

/** Every place of a tree but its root, from the outside in. */
export function placesOf(tree: Tree): Place[] {
  const places: Place[] = [];
  const rest: Tree[] = [tree];
  for (let at = rest.shift(); at !== undefined; at = rest.shift()) {
    if ("raw" in at) continue;
    const holder = at;
    const inner = "list" in holder ? holder.list : holder.members.map(([, value]) => value);
    inner.forEach((_, index) => places.push({ holder, index }));
    rest.push(...inner);
  }
  return places;
}

export function read({ holder, index }: Place): Tree {
  const found = "list" in holder ? holder.list[index] : holder.members[index]?.[1];
  return found ?? { raw: "null" };
}

export function write({ holder, index }: Place, tree: Tree): void {
  if ("list" in holder) holder.list[index] = tree;
  else if (holder.members[index] !== undefined) holder.members[index][1] = tree;
}

export function remove({ holder, index }: Place): void {
  ("list" in holder ? holder.list : holder.members).splice(index, 1);
}

/** Puts a copy behind the original, under the same key. */
export function double(place: Place): void {
  const copy = structuredClone(read(place));
  if ("list" in place.holder) place.holder.list.splice(place.index, 0, copy);
  else place.holder.members.splice(place.index, 0, [place.holder.members[place.index]?.[0] ?? "", copy]);
}

export function rename({ holder, index }: Place, key: string): void {
  if ("members" in holder && holder.members[index] !== undefined) holder.members[index][0] = key;
}
