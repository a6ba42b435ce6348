import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashToken, knownToken, macOf, signatureFault } from "../src/platforms/signature.ts";
import { monotonicMs } from "./clock.ts";
import { machineLines } from "./machine.ts";
import { percentile } from "./stats.ts";
import { makeHome, runCommand, startRelay } from "./subjects/relay.ts";
import { PRINTER, STORE } from "./subjects/subject.ts";

// `node bench/timing-of-secrets.ts`: does how long an answer takes tell anything of a secret? Writes
// bench/results/timing-of-secrets.txt.

/** Two things to be told apart by their time. Each returns how long it took, in µs. */
interface Pair {
  what: string;
  first: () => number | Promise<number>;
  second: () => number | Promise<number>;
  samples: number;
  /** They may differ: the status already tells them apart. */
  mayDiffer?: true;
}

const RESULTS = new URL("./results/", import.meta.url);
const HERE_SAMPLES = 20_000;
const HTTP_SAMPLES = 4_000;
const WARM_UP = 500;
const RESAMPLES = 1_000;
const BODY = Buffer.from(JSON.stringify({ id: "1", note: "x".repeat(8_000) }));
const OTHER_SECRET = "bench-rotated-secret-0123456789-0";
const TOKEN = "bench-fastpod-path-token-0123456789abcde";
const WRONG_TOKEN = TOKEN.replace(/e$/, "f");
const SIGNATURE = "x-shopline-hmac-sha256";

const right = macOf(BODY, STORE.secret);
const first = flipped(right, 0);
const last = flipped(right, right.length - 1);

function flipped(mac: Buffer, at: number): Buffer {
  const other = Buffer.from(mac);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

function timed(act: () => unknown): number {
  const before = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - before) / 1_000;
}

function pairsHere(): Pair[] {
  const verify = (mac: Buffer, secrets: string[]) => () =>
    timed(() => signatureFault(BODY, mac.toString("base64"), secrets));
  const one = [STORE.secret];
  const hashes = [hashToken(TOKEN)];
  const token = (presented: string) => () => timed(() => knownToken(presented, hashes));
  const samples = HERE_SAMPLES;
  return [
    { what: "verify: right secret, wrong secret", ...both(verify(right, one), verify(first, one)), samples },
    {
      what: "verify: MAC wrong in its first byte, in its last",
      ...both(verify(first, one), verify(last, one)),
      samples,
    },
    {
      what: "verify: the first of two secrets, the second",
      ...both(verify(right, [STORE.secret, OTHER_SECRET]), verify(right, [OTHER_SECRET, STORE.secret])),
      samples,
    },
    {
      what: "verify: one of two secrets, none of two",
      ...both(verify(right, [STORE.secret, OTHER_SECRET]), verify(first, [STORE.secret, OTHER_SECRET])),
      samples,
    },
    { what: "verify: right path token, wrong one", ...both(token(TOKEN), token(WRONG_TOKEN)), samples },
  ];
}

function pairsOverHttp(url: string): Pair[] {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (path: string, signature: Buffer | null) => () =>
    answered(url + path, agent, signature === null ? {} : { [SIGNATURE]: signature.toString("base64") });
  const shopline = `/webhooks/shopline/${STORE.name}`;
  const samples = HTTP_SAMPLES;
  return [
    {
      what: "HTTP: MAC wrong in its first byte, in its last",
      ...both(post(shopline, first), post(shopline, last)),
      samples,
    },
    {
      what: "HTTP: FastPOD's token wrong, store unknown",
      ...both(
        post(`/webhooks/fastpod/tee-shop/${WRONG_TOKEN}`, null),
        // As long as the other.
        post(`/webhooks/fastpod/tea-shop/${WRONG_TOKEN}`, null),
      ),
      samples,
    },
    {
      what: "HTTP: wrong secret (401, 429), right one (200: stored first)",
      ...both(post(shopline, first), post(shopline, right)),
      samples: samples / 4,
      mayDiffer: true,
    },
  ];
}

function both(one: Pair["first"], other: Pair["second"]): Pick<Pair, "first" | "second"> {
  return { first: one, second: other };
}

async function answered(url: string, agent: Agent, headers: Record<string, string>): Promise<number> {
  const before = process.hrtime.bigint();
  const call = request(url, {
    method: "POST",
    agent,
    headers: { ...headers, "content-length": BODY.length },
  });
  call.end(BODY);
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  return Number(process.hrtime.bigint() - before) / 1_000;
}

/** One after the other, which of them first by chance: what drifts, drifts for both. */
async function measure({ first: one, second: other, samples }: Pair): Promise<[Float64Array, Float64Array]> {
  const took: [Float64Array, Float64Array] = [new Float64Array(samples), new Float64Array(samples)];
  for (let index = -WARM_UP; index < samples; index++) {
    const order = Math.random() < 0.5 ? [0, 1] : [1, 0];
    for (const which of order) {
      const time = await (which === 0 ? one : other)();
      const into = which === 0 ? took[0] : took[1];
      if (index >= 0) into[index] = time;
    }
  }
  return took;
}

/** The difference of the medians, with its bootstrap interval of 95 %. */
function difference(one: Float64Array, other: Float64Array): { low: number; middle: number; high: number } {
  const resampled = Float64Array.from(
    { length: RESAMPLES },
    () => middleOf(drawn(other)) - middleOf(drawn(one)),
  );
  resampled.sort();
  return {
    low: percentile(resampled, 0.025),
    middle: middleOf(other) - middleOf(one),
    high: percentile(resampled, 0.975),
  };
}

function drawn(from: Float64Array): Float64Array {
  return from.map(() => from[Math.floor(Math.random() * from.length)] ?? NaN);
}

function middleOf(values: Float64Array): number {
  return percentile(values.slice().sort(), 0.5);
}

function lineOf({ what, samples, mayDiffer }: Pair, [one, other]: [Float64Array, Float64Array]): string {
  const { low, middle, high } = difference(one, other);
  const cells = [middleOf(one), middleOf(other), middle].map((value) => value.toFixed(3).padStart(10));
  const interval = `[${low.toFixed(3)}, ${high.toFixed(3)}]`.padStart(20);
  const spread = percentile(one.slice().sort(), 0.75) - percentile(one.slice().sort(), 0.25);
  const apart = low > 0 || high < 0;
  const verdict = !apart ? "not told apart" : mayDiffer ? "differ, as they may" : "DIFFER";
  return [
    what.padEnd(62),
    String(samples).padStart(6),
    ...cells,
    interval,
    spread.toFixed(3).padStart(9),
    ` ${verdict}`,
  ].join(" ");
}

const startedMs = monotonicMs();
const folder = mkdtempSync(join(tmpdir(), "timing-"));
const home = await makeHome(folder, { cloud: "http://127.0.0.1:9" });
writeFileSync(
  join(home.folder, "tee.yaml"),
  `stores: [{ name: tee-shop, platform: fastpod, printer: ${PRINTER.name}, tokens: [${TOKEN}], trust_body: true }]\n`,
);
await runCommand(home, ["apply", "tee.yaml"]);
const relay = await startRelay(home);
const lines: string[] = [];
for (const pair of [...pairsHere(), ...pairsOverHttp(relay.url)]) {
  const line = lineOf(pair, await measure(pair));
  process.stdout.write(`${line}\n`);
  lines.push(line);
}
const machine = machineLines(folder);
await relay.stop();
rmSync(folder, { recursive: true });
const head = [
  "what".padEnd(62),
  ...["pairs", "first µs", "second µs", "difference"].map((name, index) =>
    name.padStart(index === 0 ? 6 : 10),
  ),
  "95 % interval".padStart(20),
  "quartiles".padStart(9),
].join(" ");
const text = [
  "node bench/timing-of-secrets.ts",
  ...machine,
  `took ${Math.round((monotonicMs() - startedMs) / 1000)} s; medians; interleaved by chance, one request at a time; interval by ${RESAMPLES} resamples;`,
  "quartiles: how far apart those of the first are, which is the noise of a single look",
  "",
  head,
  ...lines,
  "",
].join("\n");
mkdirSync(RESULTS, { recursive: true });
writeFileSync(new URL("timing-of-secrets.txt", RESULTS), text);
process.exit(0);
