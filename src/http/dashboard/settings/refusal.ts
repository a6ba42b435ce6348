import { RelayError, type ErrorCode } from "../../../core/errors.ts";
import { PROBLEMS } from "../../problem.ts";
import { sentence } from "../../../answers/verdict.ts";

/** An act at a store that came to nothing, as it is told on the page that asked for it. */
export interface Refusal {
  code: ErrorCode;
  status: number;
  heading: string;
  /** The store's own, where it said any. */
  words: string;
}

const HEADINGS: Partial<Readonly<Record<ErrorCode, string>>> = {
  store_refused: "The store says no",
  store_unavailable: "No clear answer from the store",
  conflict: "Not possible now",
  repeated: "Still under way",
};

const UNDER_WAY = "The store has not answered yet. Look again in a moment: then you see what it came to.";

/** @throws whatever is none of a store's: the page of problems tells it */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof RelayError)) throw error;
  const heading = HEADINGS[error.code];
  if (heading === undefined) throw error;
  const words = error.code === "repeated" ? UNDER_WAY : sentence(error.message);
  return { code: error.code, status: PROBLEMS[error.code].status, heading, words };
}
