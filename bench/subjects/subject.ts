import type { Memory } from "./memory.ts";

/** Anything that takes signed webhooks. */
export interface Subject {
  /** Base of its address. */
  url: string;
  memory(): Memory;
  /** Ends it as an operator would; what it measured stays on the disk. */
  stop(): Promise<void>;
}

/** The one store all subjects know. */
export const STORE = { name: "noodle-bar", secret: "bench-shopline-secret-0123456789" } as const;
export const PRINTER = { name: "kitchen", api_key: "bench-api-key", secret_key: "bench-secret-key" } as const;

/** Where the bench's own processes find the things of this machine, and nothing else of its environment. */
export function bareEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? "", NODE_ENV: "production" };
}
