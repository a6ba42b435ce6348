import Database from "better-sqlite3";
import { serveReceiver } from "./receiver.ts";

// Baseline 2: one durable commit per request, into one table that also dedupes. What most receivers do that keep
// their word.

const { BENCH_PORT, BENCH_SECRET = "", BENCH_DATABASE = "" } = process.env;
const db = new Database(BENCH_DATABASE);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec("CREATE TABLE orders (id TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT");
const insert = db.prepare("INSERT INTO orders (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING");
serveReceiver(Number(BENCH_PORT), BENCH_SECRET, (order, body) => void insert.run(order.id, body));
