import { cleanLine } from "./text.ts";

/** Longest name of a person in the history. */
export const ACTOR_NAME_CHARS_MAX = 40;

/**
 * Who did it, as the history has it: `operator Ana`, `cli ana`. The name is whatever somebody calls themselves: one
 * clean line, bounded; without one it is the way alone.
 */
export function actorOf(way: "operator" | "cli", name: string | null): string {
  const clean = cleanLine(name ?? "", ACTOR_NAME_CHARS_MAX);
  return clean === "" ? way : `${way} ${clean}`;
}
