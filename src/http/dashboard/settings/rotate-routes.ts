import { rotated, validAt } from "../../../core/expiring.ts";
import { proofsOf, SECRETS_MAX, type StoreSettings } from "../../../core/settings.ts";
import type { UnixMs } from "../../../core/time.ts";
import { webhookPath } from "../../../core/webhook.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import type { DashboardDeps } from "../visit.ts";
import { formPage, type FormPage } from "./form-pages.ts";
import { findStore, isConflict, storeOf } from "./lookup.ts";
import { newNonce, nonceIn, pathTokenOf } from "./path-token.ts";
import { typedOver, versionOf } from "./read.ts";
import { newAddressPage, rotateFields, rotateLead, rotateValues, untilOf } from "./rotate-page.ts";
import { nounsOf, zoneOf } from "./store-page.ts";

const SECRET_CHARS_MAX = 500;

/** A new secret, or a new address, and until when the old one counts beside it. */
export function rotateRoutes(deps: DashboardDeps, { form, act }: Mount): void {
  form("/stores/:name/rotate", (req) => formPage(rotateForm(deps, storeOf(deps, req), newNonce())));
  act("/stores/:name/rotate", (req, posted) => rotate(deps, storeOf(deps, req), posted));
}

type Again = Partial<Pick<FormPage, "values" | "problems" | "hidden">>;

const LATE: Again = {
  problems: new Map([
    [
      "",
      "Somebody else changed this store meanwhile, perhaps its secret. Saving again is made on what it is now.",
    ],
  ]),
};

function rotateForm(deps: DashboardDeps, store: StoreSettings, nonce: string, again: Again = {}): FormPage {
  const now = deps.clock.now();
  const zone = zoneOf(deps, store);
  const version = versionOf(deps.session_key, "store", store);
  return {
    title: `${nounsOf(store).rotate}: ${store.name}`,
    lead: rotateLead(store),
    action: `/stores/${store.name}/rotate`,
    fields: rotateFields(store, zone, now),
    values: rotateValues(zone, now),
    problems: new Map(),
    hidden: store.platform === "fastpod" ? { version, nonce } : { version },
    button: store.platform === "fastpod" ? "Make the new address" : "Save",
    cancel: `/stores/${store.name}`,
    ...again,
  };
}

async function rotate(deps: DashboardDeps, store: StoreSettings, { form, by }: Posted): Promise<Next> {
  const now = deps.clock.now();
  const zone = zoneOf(deps, store);
  const nonce = nonceIn(form);
  const values = typedOver(rotateFields(store, zone, now), rotateValues(zone, now), form);
  const token = pathTokenOf(deps.session_key, store.name, nonce);
  const proof = store.platform === "fastpod" ? deps.hashToken(token) : (values.get("secret") ?? "");
  const again = (status: 400 | 409, told: Again, of = store): Next => ({
    status,
    frame: formPage(rotateForm(deps, of, nonce, { values, ...told })),
  });
  const done = (): Next => {
    if (store.platform !== "fastpod") return { to: `/stores/${store.name}?done=rotated` };
    const address = deps.public_url + webhookPath(store, token);
    return { status: 200, frame: newAddressPage(store, address, "The new address is taken from now on.") };
  };

  // The same form sent twice: the first has done it.
  if (proof !== "" && validAt(proofsOf(store), now)[0] === proof) return done();
  const read = readRotation(store, values, proof, zone, now);
  if ("problems" in read)
    return again(400, { ...read, hidden: { version: form.get("version") ?? "", nonce } });
  if (form.get("version") !== versionOf(deps.session_key, "store", store)) {
    return again(409, LATE);
  }
  const to: StoreSettings =
    store.platform === "fastpod"
      ? { ...store, token_hashes: read.proofs }
      : { ...store, secrets: read.proofs };
  try {
    await deps.relay.changeSettings({ kind: "store", name: store.name, seen: store, to }, by);
    return done();
  } catch (error) {
    if (!isConflict(error)) throw error;
    return again(409, LATE, findStore(deps, store.name) ?? store);
  }
}

function readRotation(
  store: StoreSettings,
  values: FormPage["values"],
  proof: string,
  zone: string,
  now: UnixMs,
): { proofs: StoreSettings["secrets"] } | { problems: FormPage["problems"] } {
  const problems = new Map<string, string>();
  if (proof === "") problems.set("secret", "is missing");
  if (proof.length > SECRET_CHARS_MAX) problems.set("secret", "is too long");
  const found = values.has("old") ? untilOf(values, zone, now) : { until: null };
  if ("problem" in found) problems.set("valid_until", found.problem);
  if (problems.size > 0 || "problem" in found) return { problems };
  const proofs = rotated(proofsOf(store), proof, found.until, now);
  if (proofs.length <= SECRETS_MAX) return { proofs };
  const full = `there are ${SECRETS_MAX} valid ones already, and no more are kept: let the old ones stop`;
  return { problems: new Map([["old", full]]) };
}
