import { listensOnLoopback, type Config } from "../config.ts";
import { isLoopback, whyUnreachable } from "../core/address.ts";
import { allExpire, nextExpiry, validAt } from "../core/expiring.ts";
import { proofsOf, type PrinterSettings, type StoreSettings } from "../core/settings.ts";
import { MINUTE_MS, SECOND_MS, type UnixMs } from "../core/time.ts";
import type { KeyUse } from "../ledger/key-ledger.ts";
import { shortTime } from "./table.ts";

/** One finding of `relay doctor`; a `fail` keeps slips from printing, a `warn` may. */
export interface Check {
  status: "ok" | "warn" | "fail";
  /** What was looked at: `node`, `store noodle-bar`. */
  subject: string;
  /** What was found and, unless it is well, what to do. */
  detail: string;
}

const NODE_MAJOR = 24;
const SKEW_WARN_MS = 30 * SECOND_MS;
const SKEW_FAIL_MS = 5 * MINUTE_MS;

/** What the settings alone tell. */
export function settingsChecks(config: Config, nodeVersion: string): Check[] {
  return [nodeCheck(nodeVersion), publicUrlCheck(config), ...proxyCheck(config), adminTokenCheck(config)];
}

function nodeCheck(version: string): Check {
  const right = Number(version.split(".")[0]) === NODE_MAJOR;
  return {
    status: right ? "ok" : "fail",
    subject: "node",
    detail: right
      ? version
      : `${version}; the relay is made for node ${NODE_MAJOR}: start it by npm, or in its image`,
  };
}

function publicUrlCheck({ values }: Config): Check {
  const subject = "public URL";
  const url = new URL(values.RELAY_PUBLIC_URL);
  if (isLoopback(url.hostname) && !isLoopback(new URL(values.GOODCOM_URL).hostname)) {
    return {
      status: "warn",
      subject,
      detail: `${values.RELAY_PUBLIC_URL} is this machine alone: stores and the printer cloud cannot reach it; set RELAY_PUBLIC_URL`,
    };
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return {
      status: "warn",
      subject,
      detail: `${values.RELAY_PUBLIC_URL} is not https: path tokens and orders travel readable; put a TLS proxy in front`,
    };
  }
  const why = isLoopback(url.hostname) ? null : whyUnreachable(values.RELAY_PUBLIC_URL);
  return why === null
    ? { status: "ok", subject, detail: values.RELAY_PUBLIC_URL }
    : { status: "warn", subject, detail: why };
}

/** Then all who come have the proxy's address. */
function proxyCheck({ values }: Config): Check[] {
  const isBehindOne = new URL(values.RELAY_PUBLIC_URL).protocol === "https:";
  if (!isBehindOne || values.RELAY_TRUST_PROXY > 0) return [];
  const detail =
    "RELAY_PUBLIC_URL is https, so a proxy is in front, and RELAY_TRUST_PROXY is 0: a stranger's wrong tokens shut the sign-in page to everybody; set it to the number of proxies";
  return [{ status: "warn", subject: "proxies", detail }];
}

function adminTokenCheck(config: Config): Check {
  const subject = "admin token";
  if (config.values.RELAY_ADMIN_TOKEN !== undefined) return { status: "ok", subject, detail: "set" };
  if (listensOnLoopback(config)) {
    return {
      status: "warn",
      subject,
      detail: "RELAY_ADMIN_TOKEN is not set: a new one is made at every start, and sessions end with it",
    };
  }
  return {
    status: "fail",
    subject,
    detail: `RELAY_ADMIN_TOKEN is not set: the service does not start on ${config.values.RELAY_HOST} without it`,
  };
}

/** Whether every stored secret is sealed with the current key. */
export function keyUseCheck(uses: readonly KeyUse[]): Check {
  const subject = "stored secrets";
  const count = (place: KeyUse["place"]): number =>
    uses.reduce((sum, use) => sum + (use.place === place ? use.secrets : 0), 0);
  const [older, unknown] = [count("older"), count("unknown")];
  if (unknown > 0) {
    const detail = `${unknown} are sealed with a key that nobody has: relay keys list; put it back, or apply those anew`;
    return { status: "fail", subject, detail };
  }
  if (older > 0) {
    const detail = `${older} are sealed with an older key: relay keys rotate seals them with the current one`;
    return { status: "warn", subject, detail };
  }
  return { status: "ok", subject, detail: `${count("current")}, sealed with the current key` };
}

/** @param keyFile path of the key file, null when the key is a setting */
export function keyCheck(keyFile: string | null): Check {
  const subject = "encryption key";
  if (keyFile === null) return { status: "ok", subject, detail: "RELAY_ENCRYPTION_KEY is set" };
  return {
    status: "warn",
    subject,
    detail: `in ${keyFile}; keep a copy away from the ledger's backups: without it no stored secret can be read`,
  };
}

export function serviceCheck(running: boolean): Check {
  const subject = "service";
  return running
    ? { status: "ok", subject, detail: "running on this ledger" }
    : {
        status: "warn",
        subject,
        detail: "none is running on this ledger: nothing is taken or sent; relay serve",
      };
}

/**
 * @param skewMs this machine's clock minus the cloud's; null: it gave no time; "unreachable": no connection at all
 * @param databaseOffsetMs this machine's clock minus the database's, by which slips are signed then; null: by this one
 */
export function cloudChecks(
  url: string,
  skewMs: number | null | "unreachable",
  databaseOffsetMs: number | null,
): Check[] {
  if (skewMs === "unreachable") {
    const detail = `${url} cannot be reached: check network, DNS and firewall, and GOODCOM_URL`;
    return [{ status: "fail", subject: "printer cloud", detail }];
  }
  const whose = databaseOffsetMs === null ? "this machine's" : "the database's";
  const signedBy = skewMs === null ? null : skewMs - (databaseOffsetMs ?? 0);
  return [{ status: "ok", subject: "printer cloud", detail: `${url} answers` }, clockCheck(signedBy, whose)];
}

function clockCheck(skewMs: number | null, whose: string): Check {
  const subject = "clock";
  if (skewMs === null) {
    return {
      status: "warn",
      subject,
      detail: `the cloud told no time, so ${whose} cannot be compared`,
    };
  }
  const size = Math.abs(skewMs);
  const words = `${whose} is ${Math.round(size / SECOND_MS)} s ${skewMs < 0 ? "behind" : "ahead of"} the cloud's`;
  if (size <= SKEW_WARN_MS) return { status: "ok", subject, detail: `${whose} agrees with the cloud's` };
  return {
    status: size > SKEW_FAIL_MS ? "fail" : "warn",
    subject,
    detail: `${words}: the sign carries the time and may be refused; turn on NTP there`,
  };
}

/** @param apiAnswer what the store's own API said when asked, where it was */
export function storeChecks(
  store: StoreSettings,
  printers: readonly PrinterSettings[],
  apiAnswer: { works: boolean; detail: string } | null,
  now: UnixMs,
): Check[] {
  const subject = `store ${store.name}`;
  const problems: Check[] = [];
  if (!printers.some((printer) => printer.name === store.printer)) {
    problems.push({
      status: "fail",
      subject,
      detail: `its printer ${store.printer} does not exist; apply it`,
    });
  }
  problems.push(...proofChecks(store, subject, now));
  if (store.platform === "fastpod" && store.trust_body) {
    const detail = "trust_body: whoever learns its address can print; give api.url and api.token instead";
    problems.push({ status: "warn", subject, detail });
  }
  if (apiAnswer?.works === false) {
    const detail = `its API does not answer (${apiAnswer.detail}): cancellations wait in verifying; check api.url and api.token`;
    problems.push({ status: "fail", subject, detail });
  }
  if (problems.length > 0) return problems;
  const asked = apiAnswer === null ? "" : ", its API answers";
  const proof = proofText(store, now);
  return [
    { status: "ok", subject, detail: `${store.platform}, prints on ${store.printer}, ${proof}${asked}` },
  ];
}

/** How many secrets (or tokens) count now and when the first of them stops; never which. */
function proofText(store: StoreSettings, now: UnixMs): string {
  const proofs = proofsOf(store);
  const count = validAt(proofs, now).length;
  const noun = store.platform === "fastpod" ? "token" : "secret";
  const end = nextExpiry(proofs, now);
  const until = end === null ? "" : `, one of them until ${shortTime(end)} UTC`;
  return `${count} valid ${count === 1 ? noun : `${noun}s`}${until}`;
}

function proofChecks(store: StoreSettings, subject: string, now: UnixMs): Check[] {
  const proofs = proofsOf(store);
  const [noun, source] =
    store.platform === "fastpod" ? ["token", "a new one"] : ["secret", "the app's secret"];
  if (validAt(proofs, now).length === 0) {
    const detail = `no usable ${noun}: every webhook is refused; give it ${source} and apply`;
    return [{ status: "fail", subject, detail }];
  }
  if (!allExpire(proofs, now)) return [];
  const detail = `${proofText(store, now)}, and none is valid for good: give it ${source} before the last one stops`;
  return [{ status: "warn", subject, detail }];
}

/** What the ledger knows of one printer. */
export interface PrinterRecord {
  last_accepted_at: UnixMs | null;
  last_printed_at: UnixMs | null;
  dead: number;
  held: number;
}

export function printerChecks(printer: PrinterSettings, record: PrinterRecord): Check[] {
  const subject = `printer ${printer.name}`;
  const checks: Check[] = [signCheck(printer, record)];
  if (record.dead > 0) {
    const detail = `${record.dead} dead: relay deliveries list --state dead --printer ${printer.name}, mend, redrive`;
    checks.push({ status: "warn", subject, detail });
  }
  if (record.held > 0) {
    const detail = `${record.held} held after unknown outcomes: look at the printer, then relay deliveries redrive <id>`;
    checks.push({ status: "warn", subject, detail });
  }
  if (record.last_accepted_at !== null && record.last_printed_at === null) {
    const detail = "accepted slips, but none was ever confirmed: does the cloud reach RELAY_PUBLIC_URL?";
    checks.push({ status: "warn", subject, detail });
  }
  return checks;
}

/** Goodcom does not publish its formula (facts/goodcom.md): only an accepted slip shows that ours is right. */
function signCheck(printer: PrinterSettings, record: PrinterRecord): Check {
  const subject = `printer ${printer.name}`;
  const wants = printer.sign.template.includes("{secret_key}") && printer.secret_key === "";
  const bare = wants ? "it has no secret_key (right only while Dynamic Validation is off); " : "";
  if (record.last_accepted_at === null) {
    return {
      status: "warn",
      subject,
      detail: `${bare}nothing was accepted yet, and the sign formula is unverified: relay printers test ${printer.name}`,
    };
  }
  const confirmed =
    record.last_printed_at === null ? "" : `, last confirmed ${shortTime(record.last_printed_at)}`;
  return {
    status: "ok",
    subject,
    detail: `last accepted ${shortTime(record.last_accepted_at)}${confirmed} (UTC); its slips show ${printer.time_zone} time`,
  };
}
