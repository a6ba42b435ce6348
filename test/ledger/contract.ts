import { contractOfAlerts } from "./contract-alerts.ts";
import { contractOfActs } from "./contract-acts.ts";
import { contractOfClaims } from "./contract-claims.ts";
import { contractOfRelease } from "./contract-release.ts";
import { contractOfChanges } from "./contract-changes.ts";
import { contractOfDamage } from "./contract-damage.ts";
import { contractOfErasures } from "./contract-erasures.ts";
import { contractOfErasureModel } from "./contract-erasure-model.ts";
import { contractOfForgotten } from "./contract-forgotten.ts";
import { contractOfFinds } from "./contract-finds.ts";
import { contractOfKeys } from "./contract-keys.ts";
import { contractOfInbound } from "./contract-inbound.ts";
import { contractOfMatters } from "./contract-matters.ts";
import { contractOfModel } from "./contract-model.ts";
import { contractOfFigures } from "./contract-figures.ts";
import { contractOfPruning } from "./contract-prune.ts";
import { contractOfSearch } from "./contract-search.ts";
import { contractOfServices } from "./contract-services.ts";
import { contractOfSessions } from "./contract-sessions.ts";
import { contractOfStores } from "./contract-stores.ts";
import { contractOfSettings } from "./contract-settings.ts";
import { contractOfTurns } from "./contract-turns.ts";
import type { OpenLedger } from "./under-test.ts";

/** What every implementation of `Ledger` is held to. Call it at the top of a test file. */
export function contractOfLedger(name: string, open: OpenLedger): void {
  contractOfInbound(name, open);
  contractOfClaims(name, open);
  contractOfRelease(name, open);
  contractOfTurns(name, open);
  contractOfChanges(name, open);
  contractOfActs(name, open);
  contractOfFinds(name, open);
  contractOfDamage(name, open);
  contractOfFigures(name, open);
  contractOfSearch(name, open);
  contractOfPruning(name, open);
  contractOfErasures(name, open);
  contractOfForgotten(name, open);
  contractOfErasureModel(name, open);
  contractOfSettings(name, open);
  contractOfStores(name, open);
  contractOfKeys(name, open);
  contractOfServices(name, open);
  contractOfSessions(name, open);
  contractOfAlerts(name, open);
  contractOfMatters(name, open);
  contractOfModel(name, open);
}
