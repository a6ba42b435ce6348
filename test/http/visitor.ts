import request from "supertest";
import type { Bench } from "./fakes.ts";

const OURS = { "Sec-Fetch-Site": "same-origin" };

/** A browser without JavaScript, signed in, at the dashboard of a bench. */
export interface Visitor {
  page(path: string): request.Test;
  /** Posts a form as one of our own pages does. */
  press(path: string, form?: object): request.Test;
  /** The form at this address with more typed into it. */
  filled(path: string, more: Record<string, string>): Promise<Record<string, string>>;
}

export async function visit({ server }: Bench, token: string): Promise<Visitor> {
  const { handler } = server;
  const answer = await request(handler).post("/sign-in").set(OURS).type("form").send({ token });
  const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
  const visitor: Visitor = {
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
