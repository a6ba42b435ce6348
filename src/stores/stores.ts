import { RelayError } from "../core/errors.ts";
import type { RelayDeps } from "../relay.ts";
import type { StoreActs } from "./store-acts.ts";

export function createStoreActs({ clock }: RelayDeps): StoreActs {
  const soon = (): never => {
    throw new RelayError("conflict", `comes with the next commit, at ${clock.now()}`);
  };
  return {
    subscribe: () => Promise.resolve().then(soon),
    watch: () => Promise.resolve(),
    reconcile: () => Promise.resolve().then(soon),
    lookUp: () => Promise.resolve().then(soon),
    cancelOrder: () => Promise.resolve().then(soon),
  };
}
