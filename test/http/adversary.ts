import { sampleWebhook } from "../../src/platforms/sample.ts";
import type { HttpLimits } from "../../src/http/limits.ts";
import { createHttpServer } from "../../src/http/server.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { systemClock } from "../../src/system.ts";
import { createHouse, SECRET, type House } from "../fakes/house.ts";
import { createBench } from "./fakes.ts";
import { openWire, type Wire } from "./wire.ts";

export const HOOK = "POST /webhooks/shopline/noodle-bar HTTP/1.1\r\nHost: x\r\n";

/** The real server before a real relay and ledger, open to whoever comes. */
export interface Target {
  url: string;
  house: House;
  /** What the server told of itself; the relay's own events are the house's. */
  events: RelayEvent[];
  /** A connection that is hung up in the end. */
  wire(): Promise<Wire>;
  /** Sends these bytes and waits for the end of the connection; a reset counts as one. */
  send(...parts: (string | Buffer)[]): Promise<string>;
  /** An authentic webhook's bytes, as one request. */
  authentic(order: string, more?: string): Buffer;
  /** One authentic webhook on a connection of its own. @returns the status line's number */
  serves(order: string): Promise<number>;
  /** The order ids of all that is stored. */
  stored(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openTarget(limits: Partial<HttpLimits> = {}, trust_proxy = 0): Promise<Target> {
  const house = await createHouse();
  const events: RelayEvent[] = [];
  const server = createHttpServer({
    ...createBench().deps,
    ...{ relay: house.relay, ledger: house.ledger, clock: systemClock, limits, trust_proxy },
    emit: (event) => void events.push(event),
  });
  const url = await server.listen("127.0.0.1", 0);
  const wires: Wire[] = [];
  const target: Target = {
    ...{ url, house, events },
    async wire() {
      const wire = await openWire(url);
      wires.push(wire);
      return wire;
    },
    async send(...parts) {
      const wire = await target.wire();
      for (const part of parts) wire.write(part);
      return wire.ended.catch((error: unknown) => `reset: ${String(error)}`);
    },
    authentic(order, more = "") {
      const { path, headers, body } = sampleWebhook("shopline", {
        ...{ now: house.clock.now(), store: "noodle-bar", secret: SECRET, order_id: order, order_name: "#1" },
      });
      const lines = Object.entries({ ...headers, "Content-Length": body.length });
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}${more}\r\n`), body]);
    },
    async serves(order) {
      const answer = await target.send(target.authentic(order, "Connection: close\r\n"));
      return statusesIn(answer)[0] ?? 0;
    },
    async stored() {
      const webhooks = await house.ledger.listWebhooks({ limit: 200 });
      const bodies = await Promise.all(webhooks.map(({ id }) => house.ledger.findWebhook(id)));
      const ids = bodies.map((webhook) => {
        const { id } = JSON.parse(String(webhook?.body)) as { id: string };
        return id;
      });
      return ids.sort();
    },
    async close() {
      for (const wire of wires) wire.hangUp();
      await server.close(1000);
      await house.close();
    },
  };
  return target;
}

/** The statuses of all answers on one connection, in their order. */
export function statusesIn(answers: string): number[] {
  return [...answers.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}
