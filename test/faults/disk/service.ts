import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import type { Slip } from "../../../src/goodcom/simulator/slip.ts";
import { signWebhook } from "../../../src/platforms/sample.ts";
import { systemClock } from "../../../src/system.ts";
import { until } from "../../e2e/process.ts";
import { prepareShop, SECRETS, type Shop } from "../../e2e/shop.ts";

/** The real service on a disk in trouble, as a store, a probe and an operator see it. */
export interface Service {
  shop: Shop;
  /** Path of the ledger. */
  ledger: string;
  /** Sends one signed cancellation; `padding` bytes that do not compress make it large. */
  send(order: string, padding?: number): Promise<Answer>;
  sendAll(orders: readonly string[], padding?: number): Promise<Answer[]>;
  probe(path: "/healthz" | "/readyz"): Promise<number>;
  /** The log lines of one event so far. */
  logged(event: string): string[];
  /**
   * Waits for a log line of this event that says so: an answer may be read before the line that was written before it.
   * @param after so many lines of it were there before
   */
  untilLogged(event: string, told: RegExp, after?: number): Promise<void>;
  /** Waits until each has its slip; nothing may have printed twice, or be marked as if it might have. */
  printedOnce(orders: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  type: string;
  retryAfter: string | null;
  body: Record<string, unknown>;
}

export async function openService({
  settings = {},
  under = () => ({}),
  onSlip = () => undefined,
}: {
  settings?: Record<string, string>;
  /** What more stands in the environment, given the ledger's path. */
  under?: (ledger: string) => Record<string, string>;
  onSlip?: (slip: Slip) => void;
} = {}): Promise<Service> {
  // A killed process leaves no compiled code behind, so each start would compile all of it anew.
  const compiled = mkdtempSync(join(tmpdir(), "relay-compiled-"));
  const shop = await prepareShop(
    { confirm_after_ms: 5, onSlip },
    { NODE_COMPILE_CACHE: compiled, ...settings },
  );
  const ledger = shop.env.RELAY_DATABASE ?? "";
  Object.assign(shop.env, under(ledger));
  const service: Service = {
    shop,
    ledger,
    async send(order, padding = 0) {
      const answer = await post(shop.relay.url, order, padding);
      return {
        status: answer.status,
        type: answer.headers.get("content-type") ?? "",
        retryAfter: answer.headers.get("retry-after"),
        body: (await answer.json()) as Record<string, unknown>,
      };
    },
    sendAll: (orders, padding) => Promise.all(orders.map((order) => service.send(order, padding))),
    probe: async (path) => (await fetch(shop.relay.url + path)).status,
    logged: (event) =>
      shop.relay
        .output()
        .split("\n")
        .filter((line) => line.includes(`"${event}"`)),
    async untilLogged(event, told, after = 0) {
      await until(() =>
        service
          .logged(event)
          .slice(after)
          .some((line) => told.test(line)),
      );
    },
    async printedOnce(orders) {
      const slipsOf = (order: string): Slip[] => shop.cloud.slips.filter((slip) => slip.order_id === order);
      await until(() => orders.every((order) => slipsOf(order).length > 0));
      for (const order of orders) {
        expect(slipsOf(order), order).toHaveLength(1);
        expect(slipsOf(order)[0]?.order_txt).not.toContain("MAY BE A REPEAT");
      }
    },
    async close() {
      await shop.close();
      rmSync(compiled, { recursive: true, force: true });
    },
  };
  await shop.open();
  return service;
}

function post(url: string, order: string, padding: number): Promise<Response> {
  const note = randomBytes(Math.ceil(padding / 2)).toString("hex");
  const body = JSON.stringify({ id: order, name: order, cancelled_at: new Date().toISOString(), note });
  const headers = signWebhook("shopline", Buffer.from(body), SECRETS.shopline, systemClock.now());
  return fetch(`${url}/webhooks/shopline/noodle-bar`, { method: "POST", headers, body });
}

/** One signed cancellation to a relay at `url`. @returns the status; null: it was not answered */
export async function signedTo(url: string, order: string): Promise<number | null> {
  return post(url, order, 0).then(
    ({ status }) => status,
    () => null,
  );
}

export function expectKept(answers: readonly Answer[]): void {
  expect(answers.map(({ status, body }) => [status, body.status])).toEqual(
    answers.map(() => [200, "accepted"]),
  );
}

/** As CONTRACT promises for a ledger that cannot store: try again later, and not a word about why. */
export function expectRefused(answers: readonly Answer[]): void {
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 503,
      retryAfter: "5",
      body: { type: "urn:goodcom-relay:problem:ledger_unavailable" },
    });
    expect(answer.type).toContain("application/problem+json");
  }
}

/** While the ledger cannot store. `/readyz` may still answer from a look of up to 2 s ago. */
export async function expectUnready(service: Service): Promise<void> {
  await until(async () => (await service.probe("/readyz")) === 503);
  expect(await service.probe("/healthz")).toBe(200);
}

export async function untilReady(service: Service): Promise<void> {
  await until(async () => (await service.probe("/readyz")) === 200);
}

/** The orders of a ledger that no service holds, and whether its file is sound. */
export function readLedger(path: string): { orders: string[]; integrity: unknown } {
  const db = new Database(path);
  try {
    const orders = db.prepare<[], string>("SELECT order_id FROM deliveries ORDER BY seq").pluck().all();
    return { orders, integrity: db.pragma("integrity_check", { simple: true }) };
  } finally {
    db.close();
  }
}

export function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${String(n)}`);
}
