import type { Figure } from "../figure.ts";
import { acks } from "./acks.ts";
import { drain } from "./drain.ts";

/** In the order of the table. */
export const FIGURES: readonly Figure[] = [acks, drain];
