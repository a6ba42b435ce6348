import type { IncomingMessage } from "node:http";
import { SECOND_MS, type Clock } from "../core/time.ts";
import type { Emit, OperatorRefusal } from "../observe/events.ts";
import { clientAddressOf, networkOf } from "./client-address.ts";
import type { HttpLimits } from "./limits.ts";
import { createSums } from "./sums.ts";
import { createWindowCounts } from "./window-counts.ts";

/** Who came in, who went, and who was turned away: told in the log, where a flood is a sum. */
export interface OperatorLog {
  signedIn(req: IncomingMessage, role: string, name: string): void;
  signedOut(req: IncomingMessage, role: string, name: string): void;
  /** @returns seconds for which further wrong tokens of that network are told only to wait; null: within the limit */
  refused(req: IncomingMessage, why: OperatorRefusal): number | null;
  /** Tells what is not told yet. */
  close(): void;
}

export function createOperatorLog(deps: {
  clock: Clock;
  emit: Emit;
  limits: HttpLimits;
  trust_proxy: number;
}): OperatorLog {
  const { clock, emit, limits } = deps;
  const bySender = createWindowCounts(clock, limits.signInWindowMs);
  const lines = createWindowCounts(clock, limits.signInWindowMs);
  const sums = createSums<null>(clock, limits.signInWindowMs, (_key, sum) =>
    emit({ event: "operator.refusals_summed", ...sum }),
  );
  const networkIn = (req: IncomingMessage): string => networkOf(clientAddressOf(req, deps.trust_proxy));

  return {
    signedIn: (req, role, name) =>
      emit({ event: "operator.signed_in", role, name: name === "" ? null : name, network: networkIn(req) }),
    signedOut: (req, role, name) =>
      emit({ event: "operator.signed_out", role, name: name === "" ? null : name, network: networkIn(req) }),
    refused(req, why) {
      const network = networkIn(req);
      const told = lines.add("").count <= limits.operatorLinesMax;
      emit({ event: "operator.refused", why, network, ...(told ? {} : { summed: true as const }) });
      if (!told) sums.add(null, network);
      const { count, leftMs } = bySender.add(network);
      return count > limits.wrongTokensMax ? Math.ceil(leftMs / SECOND_MS) : null;
    },
    close: () => sums.close(),
  };
}
