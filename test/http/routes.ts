import type { RequestListener } from "node:http";
import { createApplication } from "../../src/http/application.ts";
import { DEFAULT_LIMITS } from "../../src/http/limits.ts";
import { createOperatorLog } from "../../src/http/operator-log.ts";
import type { Bench } from "./fakes.ts";

/** One address that Express answers, as it was declared. */
export interface Route {
  method: "GET" | "POST";
  /** With its parameters filled in: `/deliveries/DL1/redrive`. */
  path: string;
  declared: string;
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** Names of the bench's own stores and printers, by where in a path they stand. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/printers\/:name/, "kitchen"],
  [/stores\/:name/, "noodle-bar"],
  [/deliveries\/:id/, "DL1"],
  [/webhooks\/:id/, "WH1"],
  [/orders\/:\w+/, "1001"],
  [/add-store\/:platform/, "shopline"],
  [/:\w+/, "x"],
];

/** The application with every route it has, asked of Express itself: no list that a new route could be missing in. */
export function applicationOf(bench: Bench): { handler: RequestListener; routes: Route[] } {
  const { deps } = bench;
  const operators = createOperatorLog({ ...deps, limits: DEFAULT_LIMITS });
  const handler = createApplication(deps, DEFAULT_LIMITS, new AbortController().signal, operators);
  const { stack } = (handler as unknown as { router: { stack: Layer[] } }).router;
  return { handler, routes: stack.flatMap(routesIn) };
}

function routesIn({ route, handle }: Layer): Route[] {
  if (route === undefined) return (handle.stack ?? []).flatMap(routesIn);
  const methods = (["GET", "POST"] as const).filter((method) => route.methods[method.toLowerCase()] === true);
  return methods.map((method) => ({ method, path: filled(route.path), declared: route.path }));
}

function filled(declared: string): string {
  const place = NAMES.find(([pattern]) => pattern.test(declared));
  if (place === undefined) return declared;
  const [pattern, name] = place;
  return filled(declared.replace(pattern, (found) => found.replace(/:\w+/, name)));
}
