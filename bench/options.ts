import { parseArgs } from "node:util";
import type { Extent } from "./figure.ts";

export interface Options {
  extent: Extent;
  /** Names of figures; empty: all. */
  only: string[];
  /** Of the file in bench/results/, without `.txt`. */
  name: string;
}

const ROUNDS = "3";
const SECONDS = "10";
const ROWS = "1000000";
/** 20,000 with the usual seconds; a quick look has a small backlog too. */
const ORDERS_PER_SECOND = 2000;

/** @param args those after `npm run bench --` */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: ROUNDS },
      seconds: { type: "string", default: SECONDS },
      orders: { type: "string" },
      rows: { type: "string", default: ROWS },
      name: { type: "string" },
    },
  });
  const seconds = whole("seconds", values.seconds);
  return {
    only: values.only?.split(",") ?? [],
    name: values.name ?? (args.length === 0 ? "latest" : "quick"),
    extent: {
      seconds,
      rounds: whole("rounds", values.rounds),
      orders: values.orders === undefined ? seconds * ORDERS_PER_SECOND : whole("orders", values.orders),
      rows: whole("rows", values.rows),
    },
  };
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number from 1 on`);
  return number;
}
