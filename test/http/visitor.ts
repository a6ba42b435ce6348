import request from "supertest";
import { expect } from "vitest";
import type { Bench } from "./fakes.ts";

/** What a browser sends with a form of our own page. */
export const OURS = { "Sec-Fetch-Site": "same-origin" };

/** Somebody at a browser. */
export interface Visitor {
  /** `name=value`, or empty. */
  cookie: string;
  page(path: string): request.Test;
  /** Posts one of our own page's forms. */
  press(path: string): request.Test;
}

export function strangerTo(bench: Bench): Visitor {
  return withCookie(bench, "");
}

/** Signs in with a token. */
export async function visitorOf(bench: Bench, token: string): Promise<Visitor> {
  const answer = await strangerTo(bench).press("/sign-in").send({ token });
  expect(answer.status).toBe(303);
  return withCookie(bench, String(answer.headers["set-cookie"]).split(";")[0] ?? "");
}

function withCookie({ server: { handler } }: Bench, cookie: string): Visitor {
  return {
    cookie,
    page: (path) => request(handler).get(path).set("Cookie", cookie),
    press: (path) => request(handler).post(path).set("Cookie", cookie).set(OURS).type("form"),
  };
}
