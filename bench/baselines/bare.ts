import { serveReceiver } from "./receiver.ts";

// Baseline 1: verifies and parses, keeps nothing. What is left of it is the price of the ledger.

const { BENCH_PORT, BENCH_SECRET = "" } = process.env;
serveReceiver(Number(BENCH_PORT), BENCH_SECRET, () => undefined);
