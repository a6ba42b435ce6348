import { apiAddressProblem, apiElsewhere } from "../core/address.ts";
import type { LedgerPlace } from "../core/ledger-place.ts";
import type { StoreSettings } from "../core/settings.ts";
import { sharedProofs } from "../core/shared-proofs.ts";
import type { UnixMs } from "../core/time.ts";
import type { Check } from "./doctor-checks.ts";

/** What keeps secrets where they are: the process's memory, the ledger's files, and where tokens are sent. */

/** @param exposures what lets others read the memory of a process that is started as this command was */
export function memoryCheck(exposures: readonly string[]): Check {
  const subject = "memory";
  if (exposures.length === 0) {
    return { status: "ok", subject, detail: "no core dump and no inspector, as this command was started" };
  }
  const detail = `${exposures.join("; ")}; so this command was started, and the service says at its own start how it was`;
  return { status: "warn", subject, detail };
}

/** SQLite gives the files beside the ledger the ledger's own mode when it makes them. */
const BESIDE = ["", "-wal", "-shm"];
const OTHERS = 0o077;

/** @param keyFile its path; null where the key is a setting */
export function fileChecks(
  ledger: LedgerPlace,
  keyFile: string | null,
  modeOf: (path: string) => number | null,
): Check[] {
  const own = ledger.kind === "sqlite" ? BESIDE.map((suffix) => ledger.path + suffix) : [];
  const paths = [...own, ...(keyFile === null ? [] : [keyFile])];
  const found = paths.flatMap((path) => {
    const mode = modeOf(path);
    return mode === null ? [] : [{ path, mode }];
  });
  if (found.length === 0) return [];
  const subject = "files";
  const open = found.filter(({ mode }) => (mode & OTHERS) !== 0);
  if (open.length === 0) {
    return [{ status: "ok", subject, detail: "the ledger's are this user's alone" }];
  }
  return open.map(({ path, mode }) => ({
    status: "warn",
    subject,
    detail: `${path} can be read or written by others (mode ${(mode & 0o777).toString(8)}): chmod 600 ${path}`,
  }));
}

/** A row of before the rule, which no `apply` has looked at since, is asked nothing and sent no token. */
export function addressChecks({ name, platform, api }: StoreSettings): Check[] {
  if (api === null) return [];
  const subject = `api of store ${name}`;
  const problem = apiAddressProblem(platform, api.url, api.allow_host);
  if (problem !== null) {
    return [{ status: "fail", subject, detail: `its API is not asked: api.url ${problem}; then apply` }];
  }
  const elsewhere = apiElsewhere(platform, api);
  return elsewhere === null ? [] : [{ status: "warn", subject, detail: elsewhere }];
}

/** Among all stores, for one alone does not show it. */
export function sharedProofChecks(stores: readonly StoreSettings[], now: UnixMs): Check[] {
  return [...sharedProofs(stores, now)].map(([name, detail]) => ({
    status: "warn",
    subject: `store ${name}`,
    detail,
  }));
}
