import { toRfc3339, type Clock } from "../../core/time.ts";
import type { MessageBody } from "./message.ts";
import { createAlertSender, type AlertAddress } from "./sender.ts";

/** What came of an operator's test. */
export interface AlertTest {
  /** The `webhook-id` to look for at the other end. */
  id: string;
  sent: boolean;
  /** What went wrong; empty when nothing did. */
  detail: string;
}

/** Sends one message that means nothing, once, and keeps it nowhere. @returns null: there is no address */
export async function sendTestAlert(
  address: AlertAddress | null,
  { publicUrl, makeId, clock }: { publicUrl: string; makeId: () => string; clock: Clock },
): Promise<AlertTest | null> {
  if (address === null) return null;
  const link = `${publicUrl}/`;
  const body: MessageBody = {
    type: "alert.test",
    timestamp: toRfc3339(clock.now()),
    text: `This is a test: alerts of the relay arrive here. ${link}`,
    data: { link, slip: null },
  };
  const message = { id: `msg_${makeId()}`, body: JSON.stringify(body) };
  const result = await createAlertSender(address, clock).send(message);
  return {
    id: message.id,
    sent: result.kind === "sent",
    detail: result.kind === "sent" ? "" : result.detail,
  };
}
