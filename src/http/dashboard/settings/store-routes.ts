import { isDeepStrictEqual } from "node:util";
import { PLATFORM_NAMES, type PlatformName } from "../../../core/cancellation.ts";
import { RelayError } from "../../../core/errors.ts";
import { storeSchema, storeSettingsOf, type StoreSettings } from "../../../core/settings.ts";
import { webhookPath } from "../../../core/webhook.ts";
import { pathParameter } from "../../request.ts";
import { html } from "../html.ts";
import type { Mount, Next, Posted } from "./mount.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { cancelRoutes } from "./cancel-routes.ts";
import { formPage, type FormPage } from "./form-pages.ts";
import { doneIn, findStore, isConflict, storeOf } from "./lookup.ts";
import { noticeOf, storeTestWord } from "./notices.ts";
import { newNonce, nonceIn, pathTokenOf } from "./path-token.ts";
import { readBy, typedOver, versionOf } from "./read.ts";
import { removeStoreRoutes } from "./remove-store.ts";
import { newAddressPage } from "./rotate-page.ts";
import { rotateRoutes } from "./rotate-routes.ts";
import {
  movedToken,
  newStoreInput,
  newStoreValues,
  PLATFORM_TITLES,
  storedStoreInput,
  storeFields,
  storeValues,
} from "./store-fields.ts";
import { storeApiRoutes } from "./store-api-routes.ts";
import { storePage } from "./store-page.ts";

export function storeRoutes(deps: DashboardDeps, mount: Mount): void {
  const { page, form, act } = mount;
  page("/stores/:name", (req, { role }) => storePage(deps, storeOf(deps, req), role, noticeOf(doneIn(req))));
  form("/add-store", () => choosePlatform(deps));
  form("/add-store/:platform", (req) => {
    const platform = platformIn(pathParameter(req, "platform"));
    const hasPrinter = deps.settings().printers.length > 0;
    return hasPrinter ? formPage(newForm(deps, platform, newNonce())) : choosePlatform(deps);
  });
  form("/stores/:name/edit", (req) => formPage(editForm(deps, storeOf(deps, req))));
  act("/add-store/:platform", (req, posted) => add(deps, platformIn(pathParameter(req, "platform")), posted));
  act("/stores/:name/edit", (req, posted) => save(deps, storeOf(deps, req), posted));
  act("/stores/:name/test", (req, posted) => sendTest(deps, pathParameter(req, "name"), posted));
  rotateRoutes(deps, mount);
  removeStoreRoutes(deps, mount);
  storeApiRoutes(deps, mount);
  cancelRoutes(deps, mount);
}

async function sendTest({ relay }: DashboardDeps, name: string, { by, key }: Posted): Promise<Next> {
  const { delivery, public_address } = await relay.sendTest(name, by, key);
  return { to: `/deliveries/${delivery.id}?done=${storeTestWord(public_address.result)}` };
}

/** First of which platform: what is asked next depends on it. */
function choosePlatform({ settings }: DashboardDeps): Frame {
  const title = "Add a store";
  const { printers } = settings();
  const body = html`<p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <div class="form-page">
      <h1>${title}</h1>
      ${
        printers.length === 0
          ? html`<p>A store prints on a printer, and there is none yet.</p>
              <p class="buttons"><a class="button strong" href="/add-printer">Add a printer first</a></p>`
          : html`<p>Step 1 of 2. Which platform runs the shop?</p>
              <ul class="choices">
                ${PLATFORM_NAMES.map(
                  (platform) =>
                    html`<li>
                      <a href="/add-store/${platform}"
                        ><b>${PLATFORM_TITLES[platform]}</b> <span class="muted">${SITES[platform]}</span></a
                      >
                    </li>`,
                )}
              </ul>`
      }
    </div>`;
  return { title, section: "/stores-and-printers", body };
}

const SITES: Readonly<Record<PlatformName, string>> = {
  shopline: "myshopline.com; not shoplineapp.com, which is another product",
  shoplazza: "myshoplaza.com",
  fastpod: "fastpod.net",
};

function platformIn(name: string): PlatformName {
  const platform = PLATFORM_NAMES.find((known) => known === name);
  if (platform === undefined) throw new RelayError("not_found", `There is no platform ${name}.`);
  return platform;
}

type Again = Partial<Pick<FormPage, "values" | "problems" | "newer" | "hidden">>;

function newForm(deps: DashboardDeps, platform: PlatformName, nonce: string, again: Again = {}): FormPage {
  const { printers } = deps.settings();
  const title = `Add a ${PLATFORM_TITLES[platform]} store`;
  return {
    title,
    lead: html`<p>Step 2 of 2. Then you get the address to register at ${PLATFORM_TITLES[platform]}.</p>`,
    action: `/add-store/${platform}`,
    fields: storeFields(platform, null, printers),
    values: newStoreValues(platform, printers[0]?.name ?? ""),
    problems: new Map(),
    hidden: platform === "fastpod" ? { nonce } : {},
    button: "Add the store",
    cancel: "/add-store",
    ...again,
  };
}

async function add(deps: DashboardDeps, platform: PlatformName, { form, by }: Posted): Promise<Next> {
  const { printers } = deps.settings();
  const fields = storeFields(platform, null, printers);
  const values = typedOver(fields, newStoreValues(platform, ""), form);
  const nonce = nonceIn(form);
  const token = pathTokenOf(deps.session_key, values.get("name") ?? "", nonce);
  const refuse = (status: 400 | 409, problems: FormPage["problems"]): Next => ({
    status,
    frame: formPage(newForm(deps, platform, nonce, { values, problems })),
  });
  const read = readBy(storeSchema, newStoreInput(platform, values, token), fields);
  if (!read.ok) return refuse(400, read.problems);
  const to = storeSettingsOf(read.value, deps.hashToken);
  if (!printers.some(({ name }) => name === to.printer)) return refuse(400, NO_PRINTER);
  const taken = new Map([["name", "there is a store of this name already"]]);
  try {
    const before = findStore(deps, to.name);
    if (before !== null && !isDeepStrictEqual(before, to)) return refuse(409, taken);
    await deps.relay.changeSettings({ kind: "store", name: to.name, seen: null, to }, by);
  } catch (error) {
    if (!isConflict(error)) throw error;
    return refuse(409, taken);
  }
  if (platform !== "fastpod") return { to: `/stores/${to.name}?done=added` };
  const address = deps.public_url + webhookPath(to, token);
  return { status: 200, frame: newAddressPage(to, address, `The store ${to.name} is added.`) };
}

const NO_PRINTER = new Map([["printer", "is no printer of this relay: choose one of the list"]]);

function editForm(deps: DashboardDeps, stored: StoreSettings, again: Again = {}): FormPage {
  return {
    title: `Edit store ${stored.name}`,
    action: `/stores/${stored.name}/edit`,
    fields: storeFields(stored.platform, stored, deps.settings().printers),
    values: storeValues(stored),
    problems: new Map(),
    hidden: { version: versionOf(deps.session_key, "store", stored) },
    button: "Save",
    cancel: `/stores/${stored.name}`,
    ...again,
  };
}

async function save(deps: DashboardDeps, seen: StoreSettings, { form, by }: Posted): Promise<Next> {
  const { printers } = deps.settings();
  const fields = storeFields(seen.platform, seen, printers);
  const values = typedOver(fields, storeValues(seen), form);
  const refuse = (problems: FormPage["problems"]): Next => ({
    status: 400,
    // Still of what was looked at: else the mended form would not be seen to be late.
    frame: formPage(
      editForm(deps, seen, { values, problems, hidden: { version: form.get("version") ?? "" } }),
    ),
  });
  const moved = movedToken(seen, values);
  if (moved.size > 0) return refuse(moved);
  const read = readBy(storeSchema, storedStoreInput(seen, values), fields);
  if (!read.ok) return refuse(read.problems);
  const to = storeSettingsOf(read.value, deps.hashToken);
  if (!printers.some(({ name }) => name === to.printer)) return refuse(NO_PRINTER);
  const done = { to: `/stores/${to.name}?done=saved` };
  // The same form sent twice is saved once.
  if (isDeepStrictEqual(seen, to)) return done;
  if (form.get("version") !== versionOf(deps.session_key, "store", seen)) return tooLate(deps, seen, values);
  try {
    await deps.relay.changeSettings({ kind: "store", name: to.name, seen, to }, by);
    return done;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const now = findStore(deps, seen.name);
    if (now === null) throw new RelayError("not_found", `Store ${seen.name} was removed meanwhile.`);
    return tooLate(deps, now, values);
  }
}

/** Somebody was quicker: what they saved is told, and the next save of this form is made on it. */
function tooLate(deps: DashboardDeps, now: StoreSettings, values: FormPage["values"]): Next {
  return { status: 409, frame: formPage(editForm(deps, now, { values, newer: storeValues(now) })) };
}
