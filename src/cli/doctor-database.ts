import { APART_MS, apartText, isUnset, unsetText } from "../core/ledger-clock.ts";
import { newerSchemaText, type NewerSchema } from "../core/newer-schema.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LivingService } from "../ledger/service-ledger.ts";
import { serviceCheck, type Check } from "./doctor-checks.ts";
import { shortTime } from "./table.ts";

/** What there is to see where several relays may work on one ledger. */
export interface SharedLedger {
  /** As the database tells it. */
  time: UnixMs;
  /** This machine's clock minus the one that all go by, in ms. */
  offsetMs: number;
  newerSchema: NewerSchema | null;
  services: readonly LivingService[];
  unsafeSettings: readonly string[];
}

/** @returns null: the ledger is one service's alone */
export async function readShared(
  ledger: Pick<Ledger, "time" | "newerSchema" | "services" | "unsafeSettings">,
  machine: Pick<Clock, "now">,
): Promise<SharedLedger | null> {
  const asked = machine.now();
  const time = await ledger.time();
  if (time === null) return null;
  const answered = machine.now();
  return {
    time,
    // The database said it at some moment between the two: no more is told than what is sure.
    offsetMs: isUnset(time) ? 0 : Math.min(Math.max(0, asked - time), answered - time),
    newerSchema: await ledger.newerSchema(),
    services: await ledger.services(isUnset(time) ? answered : time),
    unsafeSettings: await ledger.unsafeSettings(),
  };
}

export function sharedChecks(shared: SharedLedger): Check[] {
  const { newerSchema, services, unsafeSettings } = shared;
  const schema: Check[] =
    newerSchema === null ? [] : [{ status: "warn", subject: "schema", detail: newerSchemaText(newerSchema) }];
  const unsafe = unsafeSettings.map((name): Check => {
    const detail = `the server's ${name} is off: when its machine fails it loses webhooks that were answered 200; turn it on there`;
    return { status: "warn", subject: "durability", detail };
  });
  return [servicesCheck(services), ...schema, ...unsafe, databaseClockCheck(shared)];
}

function servicesCheck(services: readonly LivingService[]): Check {
  if (services.length === 0) return serviceCheck(false);
  const told = services.map(
    ({ version, started_at, leads }) =>
      `${version} since ${shortTime(started_at)} UTC${leads ? " (leads)" : ""}`,
  );
  const detail = `${services.length} running on this ledger: ${told.join(", ")}`;
  const areAlike = new Set(services.map(({ version }) => version)).size === 1;
  return areAlike
    ? { status: "ok", subject: "service", detail }
    : { status: "warn", subject: "service", detail: `${detail}; update all to one version` };
}

/** No slip depends on this machine's clock: all that relays agree on goes by the database's. */
function databaseClockCheck({ time, offsetMs }: SharedLedger): Check {
  const subject = "database clock";
  if (isUnset(time)) return { status: "warn", subject, detail: unsetText(time) };
  if (Math.abs(offsetMs) > APART_MS) return { status: "warn", subject, detail: apartText(offsetMs) };
  const seconds = (Math.abs(offsetMs) / SECOND_MS).toFixed(1);
  const by = `this machine's is ${seconds} s ${offsetMs < 0 ? "behind" : "ahead of"} it`;
  return { status: "ok", subject, detail: seconds === "0.0" ? "agrees with this machine's" : by };
}
