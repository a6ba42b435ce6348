import { randomBytes } from "node:crypto";
import pg from "pg";
import { until } from "../../e2e/process.ts";
import type { PostgresServer } from "../../fakes/postgres.ts";
import { openTcpProxy, type TcpProxy } from "../../fakes/tcp-proxy.ts";
import type { LedgerFacts } from "./history.ts";
import type { LedgerUnderKills } from "./ledger.ts";

/** A database of its own on the server, and the wire by which the relay goes to it. */
export async function ledgerOnServer(server: PostgresServer): Promise<LedgerUnderKills & { wire: TcpProxy }> {
  const url = await server.createDatabase();
  const wire = await openTcpProxy(Number(new URL(url).port));
  // Looked at past the wire. Undone are its questions only with the process.
  const eyes = new pg.Pool({ connectionString: url, max: 1 });
  eyes.on("error", () => undefined);
  const rowsOf = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    (await eyes.query<Row>(sql, values)).rows;

  return {
    wire,
    env: {
      RELAY_DATABASE: Object.assign(new URL(url), { port: String(wire.port) }).href,
      RELAY_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
    async facts() {
      const [counts] = await rowsOf<{ integrity: string; broken_keys: number }>(COUNTS);
      const webhooks = await rowsOf<{ id: string }>("SELECT id FROM webhooks");
      return {
        integrity: counts?.integrity ?? "no answer",
        broken_keys: counts?.broken_keys ?? -1,
        webhooks: new Set(webhooks.map(({ id }) => id)),
        deliveries: await rowsOf<LedgerFacts["deliveries"][number]>(
          'SELECT id, order_id AS "order", state FROM deliveries',
        ),
      };
    },
    async stored(webhooks) {
      const rows = await rowsOf<{ id: string }>("SELECT id FROM webhooks WHERE id = ANY ($1)", [webhooks]);
      return new Set(rows.map(({ id }) => id));
    },
    async unsettled() {
      const rows = await rowsOf<{ id: string; held: boolean }>(
        `SELECT id, state = 'pending' AND next_attempt_at IS NULL AS held FROM deliveries
         WHERE state NOT IN ('accepted', 'printed')`,
      );
      return { waiting: rows.length, held: rows.filter(({ held }) => held).map(({ id }) => id) };
    },
    async forsake() {
      // What it had asked for last may still be under way.
      await until(async () => (await rowsOf<{ left: number }>(OTHERS))[0]?.left === 0);
      // As if the time had passed after which others take it for dead.
      await rowsOf("UPDATE services SET seen_until = 1");
    },
    async close() {
      await eyes.end();
      await wire.close();
    },
  };
}

const OTHERS = `
  SELECT count(*)::int AS left FROM pg_stat_activity
  WHERE application_name = 'goodcom-relay' AND datname = current_database()`;

/** What a damaged ledger would show: counts that are not those of the rows, and rows that belong to none. */
const COUNTS = `
  SELECT
    (SELECT coalesce(string_agg('the count of ' || state || ' is wrong', '; '), 'ok') FROM (
       SELECT state, sum(count) FROM (
         SELECT state, count FROM delivery_counts UNION ALL SELECT state, -1 FROM deliveries
       ) AS both_counts GROUP BY state HAVING sum(count) <> 0
     ) AS wrong) AS integrity,
    (SELECT count(*)::int FROM (
       SELECT delivery_seq FROM tickets UNION ALL SELECT delivery_seq FROM attempts
       UNION ALL SELECT delivery_seq FROM confirmations UNION ALL SELECT delivery_seq FROM history
     ) AS parts WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE seq = delivery_seq)) AS broken_keys`;
