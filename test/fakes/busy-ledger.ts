import type { Ledger } from "../../src/ledger/ledger.ts";

/** Counts a ledger's calls under way, so that a manual clock knows exactly when nothing moves any more. */
export interface BusyLedgers {
  busy(): boolean;
  watched(ledger: Ledger): Ledger;
}

export function createBusyLedgers(): BusyLedgers {
  let calls = 0;
  return {
    busy: () => calls > 0,
    watched: (ledger) =>
      everyCall(ledger, async (_name, call) => {
        calls++;
        try {
          return await call();
        } finally {
          calls--;
        }
      }),
  };
}

type Around = (name: string, call: () => Promise<unknown>, values: unknown[]) => Promise<unknown>;

/** The same ledger with something done around every call but `onForeignWrite`, which is no promise. */
export function everyCall(ledger: Ledger, around: Around): Ledger {
  return new Proxy(ledger, {
    get(target, name: string) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "onForeignWrite") return method;
      return (...values: unknown[]) =>
        around(name, () => (method as (...values: unknown[]) => Promise<unknown>)(...values), values);
    },
  });
}
