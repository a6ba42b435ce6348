import { DAY_MS, type UnixMs } from "../../core/time.ts";
import type {
  Beat,
  LivingService,
  Outage,
  ServiceIdentity,
  ServiceLedger,
  VainClaims,
} from "../service-ledger.ts";
import type { Driver } from "./driver.ts";
import { prepare, type Work } from "./statement.ts";

type Flagged<Row, Name extends keyof Row> = Omit<Row, Name> & Record<Name, 0 | 1>;

export function createServiceLedger(driver: Pick<Driver, "read" | "write" | "newerSchema">): ServiceLedger {
  const beats = createBeats();
  const handBack = createHandBack();
  const leave = prepare<[string]>("DELETE FROM services WHERE id = ?");
  const living = prepare<[UnixMs], Flagged<LivingService, "leads">>(
    "SELECT id, version, started_at, process, seen_until, leads FROM services WHERE seen_until > ? ORDER BY started_at, id",
  );
  const time = prepare<[], UnixMs>(
    null,
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now",
  ).pluck();
  // That of a commit a relay sets itself.
  const unsafe = prepare<[], string>(
    null,
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name",
  ).pluck();
  const outages = prepare<[], Flagged<Outage, "unreachable">>(
    "SELECT scope, since, probe_at, unreachable FROM outages ORDER BY scope",
  );
  const begin = prepare<Flagged<Outage, "unreachable">>(
    `INSERT INTO outages (scope, since, probe_at, unreachable) VALUES (:scope, :since, :probe_at, :unreachable)
     ON CONFLICT (scope) DO NOTHING`,
  );
  const end = prepare<[string]>("DELETE FROM outages WHERE scope = ?");

  return {
    beat: (service, now, forMs) => driver.write(() => beats(service, now, forMs)),
    leaveService: (id) => driver.write(() => leave.put(id)),
    time: async () => (await driver.read(() => time.get())) ?? null,
    newerSchema: () => Promise.resolve(driver.newerSchema),
    unsafeSettings: () => driver.read(() => unsafe.all()),
    async services(now) {
      const rows = await driver.read(() => living.all(now));
      return rows.map((row) => ({ ...row, leads: row.leads === 1 }));
    },
    handBack: (claims, now) => driver.write(() => handBack(claims, now)),
    async outages() {
      const rows = await driver.read(() => outages.all());
      return rows.map((row) => ({ ...row, unreachable: row.unreachable === 1 }));
    },
    beginOutage: (outage) =>
      driver.write(() => begin.put({ ...outage, unreachable: outage.unreachable ? 1 : 0 })),
    endOutage: (scope) => driver.write(() => end.put(scope)),
  };
}

/** As it was before the claim: the next try has the number of the one that was none. */
const BEFORE_CLAIM = {
  sending: "state = 'pending', attempt_count = attempt_count - 1, next_attempt_at = :now, lease_until = NULL",
  verifying: "lease_until = NULL",
};

export function handBackSql(state: VainClaims["state"]): string {
  return `UPDATE deliveries INDEXED BY deliveries_leased SET ${BEFORE_CLAIM[state]}
    WHERE lease_until IS NOT NULL AND lease_until >= :first AND lease_until <= :last
      AND state = '${state}' AND claimed_by = :by AND (:id IS NULL OR id = :id)`;
}

function createHandBack(): (claims: VainClaims, now: UnixMs) => Work<number> {
  const statements = {
    sending: prepare<object>(handBackSql("sending")),
    verifying: prepare<object>(handBackSql("verifying")),
  };
  return ({ by, state, lease_until, id = null }, now) =>
    statements[state].run({ by, ...lease_until, id, now });
}

function createBeats(): (service: ServiceIdentity, now: UnixMs, forMs: number) => Work<Beat> {
  // Two that beat at once would both find nobody who leads. SQLite's transactions wait for each other anyway.
  const lock = prepare(null, "SELECT value FROM meta WHERE key = 'leader' FOR UPDATE");
  const forget = prepare<[UnixMs]>("DELETE FROM services WHERE seen_until <= ?");
  const others = prepare<[UnixMs, string], { leads: 0 | 1 }>(
    "SELECT leads FROM services WHERE seen_until > ? AND id <> ?",
  );
  const put = prepare<Flagged<LivingService, "leads">>(
    `INSERT INTO services (id, version, started_at, process, seen_until, leads)
     VALUES (:id, :version, :started_at, :process, :seen_until, :leads)
     ON CONFLICT (id) DO UPDATE SET seen_until = excluded.seen_until, leads = excluded.leads`,
  );
  // Of one that died leading: by a clock that is behind it would seem to live.
  const unseat = prepare<[string]>("UPDATE services SET leads = 0 WHERE leads = 1 AND id <> ?");

  return function* (service, now, forMs) {
    const { id } = service;
    yield* lock.get();
    yield* forget.put(now - DAY_MS);
    const alive = yield* others.all(now, id);
    const leads = alive.every((other) => other.leads === 0);
    if (leads) yield* unseat.put(id);
    yield* put.put({ ...service, seen_until: now + forMs, leads: leads ? 1 : 0 });
    return { leads, others: alive.length };
  };
}
