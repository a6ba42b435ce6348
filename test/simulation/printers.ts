import { readCallback } from "../../src/goodcom/callback.ts";
import type { Relay } from "../../src/relay.ts";
import type { Post } from "./cloud.ts";
import type { Stage } from "./stage.ts";
import { isOfLedger } from "./watch.ts";

/** The relay as the world outside reaches it: null while no process listens. */
export type Listening = () => Relay | null;

const ACCEPTED = ["ak=Accepted&dt=12:30", "status=1&msg=ok", '{"data":{"status":"confirmed"}}'];
const REJECTED = ["ak=Rejected&m=closed", "status=2", '{"result":"refused by staff"}'];
const NONSENSE = ["", "status=0", "{]", "hello=world", '{"status":{"deep":[1,2]}}'];

/** Staff and printers: what is called back for a slip, late, twice, out of order, or not at all. */
export function callBackFor(stage: Stage, listening: Listening): (post: Post) => void {
  const dice = stage.dice.fork("printers");

  async function callBack(post: Post, body: string, delayMs: number): Promise<void> {
    await stage.sleep(delayMs);
    const [id = "", token = ""] = post.request.callback_url.split("/").slice(-2);
    for (;;) {
      const relay = listening();
      if (relay !== null && (await isHeard(relay, id, token, body))) return;
      // Most clouds give up; some try again.
      if (!stage.calm && dice.happens(0.3)) return;
      await stage.sleep(dice.int(500, 5_000));
    }
  }

  async function isHeard(relay: Relay, id: string, token: string, text: string): Promise<boolean> {
    const body = Buffer.from(text);
    const callback = readCallback({ method: "POST", query: "", content_type: null, body });
    stage.tell(`printer  calls back for ${id}: ${callback.confirmation.verdict}`);
    const heard = relay.confirm(id, token, callback).catch((error: unknown) => {
      if (!isOfLedger(error)) stage.blame(`a callback fails: ${String(error)}`);
      return null;
    });
    const known = await Promise.race([heard, stage.sleep(5_000).then(() => null)]);
    if (known === false) stage.blame(`the relay does not know its own callback for ${id}`);
    return known !== null;
  }

  return (post) => {
    const say = (words: readonly string[], delayMs: number): void =>
      void callBack(post, dice.pick(words), delayMs);
    const soon = dice.int(1_000, 20_000);
    switch (dice.weigh({ yes: 50, never: 15, late: 10, twice: 10, no: 5, nonsense: 5, change: 5 })) {
      case "yes":
        return say(ACCEPTED, soon);
      case "never":
        return;
      case "late":
        return say(ACCEPTED, dice.int(60_000, 400_000));
      case "twice":
        say(ACCEPTED, soon);
        return say(ACCEPTED, soon + dice.int(0, 30_000));
      case "no":
        return say(REJECTED, soon);
      case "nonsense":
        say(NONSENSE, dice.int(0, 1_000));
        return say(ACCEPTED, soon);
      case "change":
        say(REJECTED, soon);
        return say(ACCEPTED, dice.int(1_000, 20_000));
    }
  };
}
