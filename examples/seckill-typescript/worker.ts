// The worker: takes orders from the topic one by one and sells while there is stock. An order and what it
// takes from the stock are one transaction, keyed by the order's place in the topic: read again, it changes
// nothing. `node worker.ts DATABASE STOCK`; the stock counts when the database is new.
import { DatabaseSync } from "node:sqlite";
import { Consumer, type ConsumerRecord } from "@ottla/client";

interface Order {
  readonly user_id: number;
  readonly count: number;
}

const [, , file, stock] = process.argv;
if (file === undefined || stock === undefined) throw new Error("usage: node worker.ts DATABASE STOCK");

const database = new DatabaseSync(file);
database.exec(`
  PRAGMA journal_mode=WAL;
  CREATE TABLE IF NOT EXISTS stock (only INTEGER PRIMARY KEY CHECK (only = 1),
    pieces INTEGER CHECK (pieces >= 0));
  CREATE TABLE IF NOT EXISTS orders (partition INTEGER, offset INTEGER, user_id INTEGER, count INTEGER,
    sold INTEGER, PRIMARY KEY (partition, offset)) WITHOUT ROWID;
`);
database.prepare("INSERT OR IGNORE INTO stock VALUES (1, ?)").run(Number(stock));
const isTaken = database.prepare("SELECT 1 FROM orders WHERE partition = ? AND offset = ?");
const sell = database.prepare("UPDATE stock SET pieces = pieces - ? WHERE pieces >= ?");
const note = database.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, ?)");

function take({ partition, offset, value }: ConsumerRecord): void {
  if (value === null || isTaken.get(partition, offset) !== undefined) return;
  const order = JSON.parse(Buffer.from(value).toString("utf8")) as Order;
  const { changes } = sell.run(order.count, order.count);
  note.run(partition, offset, order.user_id, order.count, changes);
}

const consumer = new Consumer({
  "bootstrap.servers": process.env["BOOTSTRAP"] ?? "localhost:9092",
  "group.id": "orders",
  "auto.offset.reset": "earliest",
  "enable.auto.commit": false,
  // Another worker takes over this long after one was killed.
  "session.timeout.ms": 6_000,
  "heartbeat.interval.ms": 2_000,
});
consumer.subscribe(["seckill"]);
let isRunning = true;
process.once("SIGTERM", () => (isRunning = false));
console.log("coming...");
while (isRunning) {
  const records = await consumer.poll(500);
  if (records.isEmpty) continue;
  database.exec("BEGIN IMMEDIATE");
  for (const record of records) take(record);
  database.exec("COMMIT");
  // First the orders, then the offsets: a crash between the two repeats orders, which changes nothing.
  await consumer.commit();
}
await consumer.close();
