import { RelayError } from "../../src/core/errors.ts";
import type { Listening } from "./printers.ts";
import type { Rows } from "./rows.ts";
import type { Stage } from "./stage.ts";
import type { Watch } from "./watch.ts";

/** People who press buttons at any moment, the right ones and the wrong ones. */
export async function runOperators(
  stage: Stage,
  listening: Listening,
  rows: Rows,
  watch: Pick<Watch, "redriven">,
): Promise<void> {
  const dice = stage.dice.fork("operators");
  const refused = (error: unknown): void => {
    const code = error instanceof RelayError ? error.code : null;
    if (code === "conflict" || code === "ledger_unavailable") return;
    stage.blame(`an operator's act fails: ${String(error)}`);
  };

  while (!stage.calm) {
    await stage.sleep(dice.int(2_000, 40_000));
    const relay = listening();
    const all = rows.all();
    if (relay === null || all.length === 0) continue;
    const { id } = dice.pick(all);
    const act = dice.weigh({ redrive: 5, reprint: 2, replay: 2, test: 1 });
    stage.tell(`operator ${act} ${id}`);
    if (act === "redrive") {
      const stuck = all.filter(({ state, next_attempt_at }) => state === "dead" || next_attempt_at === null);
      const chosen = dice.pick(stuck.length > 0 ? stuck : all).id;
      watch.redriven(chosen);
      void relay.redrive(chosen, "operator").catch(refused);
    }
    if (act === "reprint") void relay.reprint(id, "lost", "operator").catch(refused);
    if (act === "test") void relay.testSlip("kitchen", "operator").catch(refused);
    if (act === "replay") {
      const webhooks = rows.webhooks();
      if (webhooks.length > 0) void relay.replay(dice.pick(webhooks), "operator").catch(refused);
    }
  }
}
