import type { ClientBase } from "pg";
import { BACKUP_AT } from "../sql/restored.ts";

/**
 * What this process was told is committed. A standby that lagged behind when it took over does not have all of it: what
 * was answered 200 is gone, what has printed is due again. The stores and the printers cannot know; this process can.
 */
export interface CommitMemory {
  /** Before anything is done by a new client: notes in the ledger from when it is, where its server has lost something. */
  meet(client: ClientBase): Promise<void>;
  /** Whether its server tells where its log ends; relatives of PostgreSQL may not. */
  knows(client: ClientBase): boolean;
  /** @param position where its server's log ended just before a commit, which was done */
  committed(client: ClientBase, position: string): void;
}

/** To be asked within the transaction that is committed next: all that stands before its commit is flushed with it. */
export const POSITION = {
  name: "relay_position",
  text: "SELECT pg_current_wal_insert_lsn()::text AS position",
};

/**
 * A server that was started anew or promoted says how far it has replayed the log of before: null where it had been shut
 * down in order. Asked only of those that tell their position.
 */
const SERVER = `
  SELECT pg_postmaster_start_time()::text AS server, pg_current_wal_insert_lsn()::text AS position,
    pg_last_wal_replay_lsn()::text AS replayed`;

/**
 * The moment of the last transaction that it has, or else of the last thing told there; the worker takes it up from there
 * (worker/sweep.ts).
 */
const NOTE = `
  INSERT INTO meta (key, value)
  SELECT '${BACKUP_AT}', coalesce(
    (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)::bigint,
    (SELECT at FROM history ORDER BY seq DESC LIMIT 1), 0)::text
  ON CONFLICT (key) DO NOTHING`;

interface Server {
  server: string;
  replayed: string | null;
}

export function createCommitMemory(): CommitMemory {
  const servers = new WeakMap<ClientBase, string>();
  let last: { server: string; position: bigint } | null = null;

  return {
    async meet(client) {
      const found = await client.query<Server>(SERVER).catch(() => null);
      const [met] = found?.rows ?? [];
      if (met === undefined) return;
      servers.set(client, met.server);
      if (last === null || last.server === met.server || met.replayed === null) return;
      if (numberOf(met.replayed) >= last.position) return;
      await client.query(NOTE);
      last = null;
    },
    knows: (client) => servers.has(client),
    committed(client, position) {
      const server = servers.get(client);
      const at = numberOf(position);
      if (server === undefined || (last?.server === server && last.position >= at)) return;
      last = { server, position: at };
    },
  };
}

/** `16/B374D848`: two halves, in hexadecimal. */
function numberOf(position: string): bigint {
  const [high = "0", low = "0"] = position.split("/");
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
