import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** A view of the file system of its own: what is mounted in it is seen by nobody else, and ends with it. */
export interface Namespace {
  /** Runs a script of the shell in it, as root. @throws with its stderr when it fails */
  sh: (script: string, env?: Record<string, string>) => string;
  /** The words in front of a command that is to run in it. */
  enter: readonly string[];
  close(): Promise<void>;
}

const TOOLS = ["unshare", "nsenter", "setpriv", "prlimit", "chroot", "mount", "ldd", "timeout"];
const FOLDERS = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
const PATH = FOLDERS.join(":");
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Absolute: what runs in the image has the image's PATH. */
export function toolAt(name: string): string {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}

/** Why this machine cannot play docker's part; null: it can. */
export function whyNot(): string | null {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "this user is not root";
  const missing = TOOLS.filter((name) => !existsSync(toolAt(name)));
  if (missing.length > 0) return `${missing.join(", ")} not found`;
  const glibc = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header;
  if (glibc?.glibcVersionRuntime === undefined) return "the C library is not glibc";
  const probe = "mount -t tmpfs t /tmp && mkdir /tmp/u /tmp/w /tmp/m";
  const overlay = "mount -t overlay o -o lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w /tmp/m";
  const { status } = spawnSync(toolAt("unshare"), ["--mount", "/bin/sh", "-c", `${probe} && ${overlay}`], {
    env: { PATH },
  });
  return status === 0 ? null : "this root may not mount";
}

export async function openNamespace(): Promise<Namespace> {
  const holder = spawn(toolAt("unshare"), ["--mount", "/bin/sh", "-c", "echo ready; exec cat >/dev/null"], {
    env: { PATH },
    // It ends with its input, and so with whoever opened it.
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(holder, "exit");
  await once(holder.stdout, "data");
  const enter = [toolAt("nsenter"), `--mount=/proc/${holder.pid ?? ""}/ns/mnt`, "--"];
  const [nsenter = "", ...words] = enter;
  return {
    sh(script, env = {}) {
      const { status, stdout, stderr, error } = spawnSync(nsenter, [...words, "/bin/sh", "-euc", script], {
        env: { PATH, ...env },
        encoding: "utf8",
        maxBuffer: OUTPUT_BYTES_MAX,
      });
      if (error !== undefined) throw error;
      if (status !== 0) throw new Error(`failed with ${String(status)}: ${script}\n${stdout}${stderr}`);
      return stdout;
    },
    enter,
    async close() {
      holder.kill("SIGKILL");
      await ended;
    },
  };
}
