import request from "supertest";
import { expect } from "vitest";
import type { Bench } from "./fakes.ts";

/** What a browser sends with a form of our own page. */
export const OURS = { "Sec-Fetch-Site": "same-origin" };

/** Somebody at a browser without JavaScript. */
export interface Visitor {
  /** `name=value`, or empty. */
  cookie: string;
  page(path: string): request.Test;
  /** Posts a form as one of our own pages does. */
  press(path: string, form?: object): request.Test;
  /** The form at this address with more typed into it. */
  filled(path: string, more: Record<string, string>): Promise<Record<string, string>>;
}

export function strangerTo(bench: Bench): Visitor {
  return withCookie(bench, "");
}

/** Signs in with a token. */
export async function visitorOf(bench: Bench, token: string): Promise<Visitor> {
  const answer = await strangerTo(bench).press("/sign-in", { token });
  expect(answer.status).toBe(303);
  return withCookie(bench, String(answer.headers["set-cookie"]).split(";")[0] ?? "");
}

function withCookie({ server: { handler } }: Bench, cookie: string): Visitor {
  const visitor: Visitor = {
    cookie,
    page: (path) => request(handler).get(path).set("Cookie", cookie),
    press: (path, form = {}) =>
      request(handler).post(path).set("Cookie", cookie).set(OURS).type("form").send(form),
    async filled(path, more) {
      return { ...formIn((await visitor.page(path).expect(200)).text), ...more };
    },
  };
  return visitor;
}

/** What a browser would send of the form on this page if nobody touched it. */
export function formIn(text: string): Record<string, string> {
  const form = /<form class="fields"[\s\S]*?<\/form>/.exec(text)?.[0] ?? "";
  const fields: Record<string, string> = {};
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1];
    const ticked = !/type="(checkbox|radio)"/.test(input) || /\schecked/.test(input);
    if (ticked) fields[attribute("name") ?? ""] = attribute("value") ?? "";
  }
  for (const [, name = "", options = ""] of form.matchAll(
    /<select[^>]* name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g,
  )) {
    fields[name] = /value="([^"]*)"\s+selected/.exec(options)?.[1] ?? "";
  }
  return fields;
}
