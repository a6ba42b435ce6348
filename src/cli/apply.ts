import type { Command } from "commander";
import { waitingFor } from "../answers/waiting.ts";
import type { Kit } from "../kit.ts";
import { hashToken } from "../platforms/signature.ts";
import { apiElsewhere } from "../core/address.ts";
import { allExpire, validAt } from "../core/expiring.ts";
import { proofsOf, storeSettingsOf, type StoreSettings } from "../core/settings.ts";
import { sharedProofs } from "../core/shared-proofs.ts";
import type { UnixMs } from "../core/time.ts";
import { note, paint, say, sayJson, type Cli } from "./cli.ts";
import { withNewKit } from "./kit.ts";

const KINDS = [
  ["created", "green"],
  ["updated", "yellow"],
  ["deleted", "red"],
  ["unchanged", "dim"],
] as const;

export function addApply(program: Command, cli: Cli): void {
  program
    .command("apply <file>")
    .description("creates or updates the printers and stores that a YAML or JSON file names")
    .option("--prune", "delete those that the file does not name")
    .option("--json", "as JSON")
    .action(async (path: string, options: { prune?: true; json?: true }) => {
      // The service loads every command; YAML is for this one alone.
      const { readApplyFile } = await import("./apply-file.ts");
      const prune = options.prune === true;
      const file = await readApplyFile(path, cli.env, prune);
      const stores = file.stores.map((store) => storeSettingsOf(store, hashToken));
      const named = [
        ...file.printers.map(({ name }) => `printers/${name}`),
        ...stores.map(({ name }) => `stores/${name}`),
      ];
      // Also where the key is lost: then storing all anew is the way out.
      const { changes, now, stranded } = await withNewKit(
        cli,
        async (kit) => {
          const settings = { printers: file.printers, stores };
          const applied = await kit.ledger.apply(settings, { prune, now: kit.now() });
          return { changes: applied, now: kit.now(), stranded: await strandedBy(kit, applied.deleted) };
        },
        { unread: { storing: prune ? "all" : named } },
      );
      if (options.json) sayJson(cli, changes);
      else {
        for (const [kind, style] of KINDS) {
          for (const name of changes[kind]) say(cli, `${paint(cli, style, kind.padEnd(9))}  ${name}`);
        }
        if (file.printers.length + stores.length === 0) say(cli, "the file names no printer and no store");
      }
      for (const store of stores) for (const text of warningsOf(store, now)) note(cli, `warning: ${text}`);
      for (const text of stranded) note(cli, `warning: ${text}`);
      for (const [name, text] of sharedProofs(stores, now)) note(cli, `warning: store ${name} ${text}`);
    });
}

/** What nobody will print, though it was to be, for its printer is among what was deleted. */
async function strandedBy({ ledger }: Kit, deleted: readonly string[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const entry of deleted) {
    const printer = /^printer (.+)$/.exec(entry)?.[1];
    const waiting = printer === undefined ? null : await waitingFor(ledger, printer);
    if (printer === undefined || waiting === null) continue;
    warnings.push(
      `${waiting} for printer ${printer} and cannot be printed until it is applied again: tell the kitchen by hand; see them with: relay deliveries list --printer ${printer}`,
    );
  }
  return warnings;
}

/** What is allowed and hardly ever meant. */
function warningsOf(store: StoreSettings, now: UnixMs): string[] {
  const warnings: string[] = [];
  if (validAt(proofsOf(store), now).length === 0) {
    const what = store.platform === "fastpod" ? "a token" : "the app's secret";
    warnings.push(
      `store ${store.name} has no usable ${store.platform === "fastpod" ? "token" : "secret"}: every webhook will be refused; give it ${what}`,
    );
  } else if (allExpire(proofsOf(store), now)) {
    warnings.push(
      `store ${store.name} has nothing that is valid for good: once the last valid_until has passed every webhook will be refused`,
    );
  }
  if (store.platform === "fastpod" && store.trust_body) {
    warnings.push(
      `store ${store.name} has trust_body: whoever learns its address can print; better give api.url and api.token`,
    );
  }
  const elsewhere = store.api === null ? null : apiElsewhere(store.platform, store.api);
  if (elsewhere !== null) warnings.push(`store ${store.name}: ${elsewhere}`);
  return warnings;
}
