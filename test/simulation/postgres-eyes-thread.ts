import { workerData } from "node:worker_threads";
import pg from "pg";
import { getTypeParser } from "../../src/ledger/postgres/pool.ts";
import type { Answer, Question, ThreadData } from "./postgres-eyes.ts";

// Asks the server while the thread of the world stands still.

const { port, answered } = workerData as ThreadData;
let connected: { url: string; client: pg.Client } | null = null;

async function clientOf(url: string): Promise<pg.Client> {
  if (connected?.url === url) return connected.client;
  await connected?.client.end().catch(() => undefined);
  const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
  // The database goes with its world, under this client.
  client.on("error", () => undefined);
  await client.connect();
  connected = { url, client };
  return client;
}

async function answer({ url, sql, values }: Question): Promise<Answer> {
  try {
    const client = await clientOf(url);
    const { rows } = await client.query<Record<string, unknown>>(sql, values);
    return { rows };
  } catch (error) {
    return { failed: String(error) };
  }
}

port.on("message", (question: Question) => {
  void answer(question).then((told) => {
    port.postMessage(told);
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
});
