import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { createAlertSender } from "../../../src/observe/alerts/sender.ts";
import { sendTestAlert } from "../../../src/observe/alerts/test-alert.ts";
import { systemClock } from "../../../src/system.ts";
import { CERTIFICATE, startSelfSigned } from "../../fakes/self-signed.ts";
import { createReceiver } from "./receiver.ts";

const trusted = getCACertificates();
const cleanups: (() => unknown)[] = [() => setDefaultCACertificates(trusted)];
afterEach(async () => {
  for (const cleanup of cleanups) await cleanup();
  cleanups.splice(1);
});

const MESSAGE = { id: "msg_1", body: '{"type":"relay.test"}' };
const senderTo = (url: string) =>
  createAlertSender({ url, format: "standard", secret: `whsec_${"a".repeat(32)}` }, systemClock);

test("a test without an address is none", async () => {
  const told = { publicUrl: "https://relay.example", makeId: () => "1", clock: systemClock };
  expect(await sendTestAlert(null, told)).toBeNull();
});

test.each([301, 302, 303, 307, 308])("a redirect (%s) is a failure, and is not followed", async (status) => {
  const [asked, target] = [await createReceiver(), await createReceiver()];
  cleanups.push(
    () => asked.close(),
    () => target.close(),
  );
  asked.behave({ status, headers: { location: target.url } });
  expect(await senderTo(asked.url).send(MESSAGE)).toEqual({
    ...{ kind: "failed", detail: `the alert address answered ${status}`, retry_after_ms: null },
  });
  expect([asked.received.length, target.received.length]).toEqual([1, 0]);
});

test("a receiver that nobody vouches for gets no alert, until it is trusted", async () => {
  const receiver = await startSelfSigned();
  cleanups.push(() => receiver.close());
  expect(await senderTo(receiver.url).send(MESSAGE)).toEqual({
    ...{
      kind: "failed",
      detail: "the alert was not sent: DEPTH_ZERO_SELF_SIGNED_CERT",
      retry_after_ms: null,
    },
  });
  expect(receiver.asked).toEqual([]);
  setDefaultCACertificates([...trusted, CERTIFICATE]);
  expect(await senderTo(receiver.url).send(MESSAGE)).toEqual({ kind: "sent" });
});
