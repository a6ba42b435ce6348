import { RelayError } from "../core/errors.ts";
import type { StoreSettings } from "../core/settings.ts";
import type { StoreWatch } from "../ledger/store-watch.ts";
import type { ApiHealth } from "../observe/events.ts";
import type { Answered, ApiFailure, StoreApi } from "../platforms/store-api.ts";
import type { RelayDeps } from "../relay-deps.ts";

/** A store that can be asked. */
export interface Askable {
  store: StoreSettings;
  api: StoreApi;
}

/** @throws `not_found`; `conflict` when there is nothing to ask it by */
export function askable(deps: RelayDeps, name: string): Askable {
  const store = deps.store(name);
  if (store === undefined) throw new RelayError("not_found", `no store ${name}: see \`relay stores list\``);
  if (store.api === null) {
    throw new RelayError(
      "conflict",
      `store ${name} has no "api": give it api.url and api.token, so that the relay can ask the store`,
    );
  }
  return { store, api: deps.platforms[store.platform].api };
}

/** @throws `not_found` */
export async function watchOf(deps: RelayDeps, name: string): Promise<StoreWatch> {
  const [watch] = await deps.ledger.storeWatches(name);
  if (watch === undefined) throw new RelayError("not_found", `store ${name} was removed meanwhile`);
  return watch;
}

/** @throws `store_refused`, `store_unavailable` in the words of the failure */
export function valueOf<Value>(answer: Answered<Value>): Value {
  if (answer.kind === "answered") return answer.value;
  throw refusal(answer);
}

/** A refusal whose message has the store's words for whoever asked. */
class StoreRefusal extends RelayError {
  readonly failure: ApiFailure;
  constructor(code: "store_refused" | "store_unavailable", failure: ApiFailure) {
    super(code, failure.detail);
    this.failure = failure;
  }
}

export function refusal(failure: ApiFailure): RelayError {
  const { why } = failure;
  const isPassing = why === "unavailable" || why === "unknown" || why === "nonsense";
  return new StoreRefusal(isPassing ? "store_unavailable" : "store_refused", failure);
}

/**
 * What may be kept and logged of a failure about no order that is known: whom a store names in it nobody can tell. Who
 * asked has the store's words in the answer.
 */
export function ownWords({ detail, words }: ApiFailure): string {
  return words === undefined ? detail : detail.replace(`: ${words}`, () => "");
}

/** Likewise of an act that was refused. */
export function ownMessage(error: RelayError): string {
  return error instanceof StoreRefusal ? ownWords(error.failure) : error.message;
}

/** A store that says no to one order answers all the same. */
export function healthOf(answer: Answered<unknown>): ApiHealth {
  if (answer.kind === "answered") return "answered";
  switch (answer.why) {
    case "unauthorized":
    case "forbidden":
      return "refused";
    case "not_found":
    case "refused":
      return "answered";
    default:
      return "unavailable";
  }
}
