import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/** The real process, as an operator starts it. */
export interface RunningRelay {
  url: string;
  /** Everything it printed so far, log lines and all. */
  output(): string;
  /** @returns the exit code, or null when a signal ended it */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  /** To pause it, and to let it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Resolves when it has ended, whoever ended it. */
  ended: Promise<void>;
}

export const ADMIN_TOKEN = "admin-token-for-the-end-to-end-tests";
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** @param env settings; nothing of the test's own environment or `.env` is taken over */
export async function startRelay(folder: string, env: Record<string, string>): Promise<RunningRelay> {
  const child = start(folder, ["serve"], env);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /listening on (http:\/\/\S+?);/.exec(output);
      if (found?.[1] !== undefined) resolve(found[1]);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`the relay ended with ${String(code)}: ${output}`)));
  });
  return {
    url,
    output: () => output,
    async stop(signal) {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** One command of the command line, from start to end. */
export async function relayCommand(
  folder: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(folder, args, env);
  const told = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (told.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (told.stderr += chunk.toString()));
  await once(child, "close");
  return { code: child.exitCode, ...told };
}

/** One command that the test ends itself. */
export function start(folder: string, args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Looks until it is so; fails with the test's own time limit. */
export async function until<T>(look: () => Promise<T | null | false> | T | null | false): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
