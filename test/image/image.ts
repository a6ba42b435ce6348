import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { lockedPackages, ROOT } from "../supply/lock.ts";
import { contextNames, dockerfile, environmentOf, lastOf, type Stage, type Step } from "./dockerfile.ts";
import { openNamespace, toolAt, type Namespace } from "./namespace.ts";

/**
 * The image without docker: the Dockerfile's own instructions, carried out in a mount namespace. This machine's Debian
 * and the project's node stand in for the base image, and the packages installed here for `npm ci`, since no test
 * goes to a network. It then runs as `docker run --read-only --tmpfs /tmp --cap-drop ALL
 * --security-opt no-new-privileges --ulimit core=0` would have it run.
 */
export interface Image {
  /** Its root, as the namespace sees it, before anything is mounted into it. */
  root: string;
  namespace: Namespace;
  /** Of its CMD and HEALTHCHECK. */
  command: string[];
  healthcheck: string[];
  start(words: readonly string[], env?: Record<string, string>): Running;
  run(words: readonly string[], env?: Record<string, string>): Promise<Ended>;
  close(): Promise<void>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcessByStdio<null, Readable, Readable>;
  told: { stdout: string; stderr: string };
}

/** A folder that is there on every Linux, and in this namespace alone becomes another. */
const WORK = "/mnt";
const STAGE = `${WORK}/build`;
const BUILD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PACKAGES = "/packages";
/** Nothing in the image may call anybody but this machine, whatever a test forgets. */
const NO_NETWORK = { RELAY_HOST: "127.0.0.1", GOODCOM_URL: "http://127.0.0.1:9" };

export async function openImage(): Promise<Image> {
  const [build, final] = dockerfile();
  if (build === undefined || final === undefined) throw new Error("the Dockerfile has two stages");
  const namespace = await openNamespace();
  const root = `${WORK}/image`;
  let running: string;
  try {
    layBase(namespace);
    carryOut(namespace, build, STAGE);
    namespace.sh(`mkdir ${root}`);
    carryOut(namespace, final, root);
    running = mounted(namespace, root);
  } catch (error) {
    await namespace.close();
    throw error;
  }
  const user = lastOf(final, "USER")?.rest ?? "0:0";
  const image: Image = {
    root,
    namespace,
    command: JSON.parse(lastOf(final, "CMD")?.rest ?? "[]") as string[],
    healthcheck: JSON.parse(lastOf(final, "HEALTHCHECK")?.rest.replace(/^.*CMD /, "") ?? "[]") as string[],
    start(words, env = {}) {
      const [first = "", ...rest] = [...namespace.enter, ...confined(running, final, user), ...words];
      const child = spawn(first, rest, {
        env: { ...environmentOf(final), ...NO_NETWORK, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const told = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => (told.stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (told.stderr += chunk.toString()));
      return { child, told };
    },
    async run(words, env) {
      const { child, told } = image.start(words, env);
      await once(child, "close");
      return { code: child.exitCode, ...told };
    },
    close: () => namespace.close(),
  };
  return image;
}

/** What `FROM node:…-slim` brings: a Debian, and node in /usr/local/bin. */
function layBase({ sh }: Namespace): void {
  const node = join(ROOT, "node_modules/node/bin/node");
  sh(`mount -t tmpfs image ${WORK}; mkdir ${WORK}/upper ${WORK}/work ${STAGE}`);
  sh(`mount -t overlay base -o lowerdir=/,upperdir=${WORK}/upper,workdir=${WORK}/work ${STAGE}`);
  sh(`mount --bind /proc ${STAGE}/proc; mount --bind /dev ${STAGE}/dev`);
  sh(`rm -f ${STAGE}/usr/local/bin/node; cp ${node} ${STAGE}/usr/local/bin/node`);
  const tops = lockedPackages().filter(
    ({ dev, path }) =>
      dev !== true && path.lastIndexOf("node_modules/") === 0 && existsSync(join(ROOT, path)),
  );
  const copies = tops.map(({ path }) => {
    const into = join(STAGE, PACKAGES, path.replace(/^node_modules\//, ""));
    return `mkdir -p ${dirname(into)}; cp -r ${join(ROOT, path)} ${into}`;
  });
  sh(copies.join("\n"));
}

function carryOut({ sh }: Namespace, { steps }: Stage, root: string): void {
  let folder = "/";
  const at = (path: string): string => join(root, path.startsWith("/") ? path : join(folder, path));
  for (const step of steps) {
    if (step.word === "WORKDIR") {
      folder = join(folder, step.rest);
      sh(`mkdir -p ${at(".")}`);
    }
    if (step.word === "COPY") sh(copyScript(step, at));
    if (step.word === "RUN") {
      const script = step.rest.replace(/^npm ci .*$/, `cp -r ${PACKAGES} node_modules`);
      sh(`exec unshare --root=${root} --wd=${folder} /bin/sh -c "$SCRIPT"`, {
        PATH: BUILD_PATH,
        SCRIPT: script,
      });
    }
  }
}

/** A folder's content goes into the destination, a file to it or into it. */
function copyScript({ flags, rest }: Step, at: (path: string) => string): string {
  const words = rest.split(/\s+/);
  const into = at(words.at(-1) ?? "");
  const allowed = contextNames();
  const copies = words.slice(0, -1).map((source) => {
    if (flags.from === undefined && !allowed.includes(source)) {
      throw new Error(`${source} is not in the build's context: see .dockerignore`);
    }
    const from = flags.from === undefined ? join(ROOT, source) : STAGE + source;
    return `if [ -d ${from} ]; then mkdir -p ${into}; cp -dR --preserve=mode ${from}/. ${into}/; else cp ${from} ${into}/; fi`;
  });
  const owner = flags.chown ?? "0:0";
  const folder = flags.from !== undefined && flags.chown !== undefined;
  return [...copies, ...(folder ? [`chown -R ${owner} ${into}`] : [])].join("\n");
}

/** Read-only but for /tmp and the volume; with the /proc and the few devices that a runtime gives. */
function mounted({ sh }: Namespace, root: string): string {
  const running = `${WORK}/running`;
  sh(`mkdir -p ${running} ${WORK}/volume ${root}/proc ${root}/dev; cp -a ${root}/data ${WORK}/volume/`);
  sh(`mount --bind ${root} ${running}; mount -o remount,ro,bind ${running}`);
  sh(`mount -t proc proc ${running}/proc`);
  sh(`mount -t tmpfs -o mode=755 dev ${running}/dev`);
  for (const device of ["null", "zero", "random", "urandom"]) {
    sh(`touch ${running}/dev/${device}; mount --bind /dev/${device} ${running}/dev/${device}`);
  }
  sh(`mount -t tmpfs -o mode=1777,noexec,nosuid,nodev tmp ${running}/tmp`);
  sh(`mount --bind ${WORK}/volume/data ${running}/data`);
  return running;
}

/** No capability is left to a user that is not root and can become nobody else. */
function confined(root: string, final: Stage, user: string): string[] {
  const [uid = "", gid = ""] = user.split(":");
  return [
    ...[toolAt("prlimit"), "--core=0", "--", toolAt("setpriv"), "--no-new-privs", "--"],
    ...[toolAt("unshare"), `--root=${root}`, `--wd=${lastOf(final, "WORKDIR")?.rest ?? "/"}`],
    ...[`--setgid=${gid}`, `--setuid=${uid}`, "--"],
  ];
}
