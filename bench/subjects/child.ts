import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { cpuMs } from "./cpu.ts";
import { memoryOfTree, type Memory } from "./memory.ts";

/** A process under measurement. */
export interface Child {
  pid: number;
  /** Of it and all it started. */
  memory(): Memory;
  /** Processor time it took so far. */
  cpuMs(): number;
  /** Resolves when the port takes connections. @throws when the process ends first, with the end of its log */
  listening(port: number): Promise<void>;
  /** SIGTERM, then waits. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 2;
const LOG_CHARS_SHOWN = 2000;

const running = new Set<ChildProcess>();
// Whatever ends the bench ends what it measures.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** @param log path of the file that takes stdout and stderr, as a service's log would be kept */
export function startChild(
  command: string,
  args: string[],
  options: { cwd: string; env: Record<string, string>; log: string },
): Child {
  const log = openSync(options.log, "a");
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", log, log] });
  closeSync(log);
  running.add(child);
  const exited = once(child, "exit").finally(() => running.delete(child));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);

  return {
    pid,
    memory: () => memoryOfTree(pid),
    cpuMs: () => cpuMs(pid),
    async listening(port) {
      while (!(await canConnect(port))) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(
            `${args.join(" ")} ended: ${readFileSync(options.log, "utf8").slice(-LOG_CHARS_SHOWN)}`,
          );
        }
        await pause(LOOK_EVERY_MS);
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await exited;
    },
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
