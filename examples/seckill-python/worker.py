# The worker: takes orders from the topic one by one and sells while there is stock. An order and what it takes
# from the stock are one transaction, keyed by the order's place in the topic: read again, it changes nothing.
import argparse
import json
import os
import sqlite3

from kafka import KafkaConsumer

parser = argparse.ArgumentParser()
parser.add_argument("--stock", type=int, required=True, help="pieces to sell, if the database is new")
parser.add_argument("--database", required=True)
options = parser.parse_args()

database = sqlite3.connect(options.database, isolation_level=None)
database.executescript(
    """
    PRAGMA journal_mode=WAL;
    CREATE TABLE IF NOT EXISTS stock (only INTEGER PRIMARY KEY CHECK (only = 1), pieces INTEGER CHECK (pieces >= 0));
    CREATE TABLE IF NOT EXISTS orders (partition INTEGER, offset INTEGER, user_id INTEGER, count INTEGER,
      sold INTEGER, PRIMARY KEY (partition, offset)) WITHOUT ROWID;
    """
)
database.execute("INSERT OR IGNORE INTO stock VALUES (1, ?)", (options.stock,))


def take(record) -> None:
    order = json.loads(record.value)
    place = (record.partition, record.offset)
    if database.execute("SELECT 1 FROM orders WHERE partition = ? AND offset = ?", place).fetchone():
        return
    left = database.execute(
        "UPDATE stock SET pieces = pieces - ? WHERE pieces >= ?", (order["count"], order["count"])
    )
    row = (*place, order["user_id"], order["count"], left.rowcount)
    database.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", row)


consumer = KafkaConsumer(
    "seckill",
    bootstrap_servers=os.environ.get("BOOTSTRAP", "localhost:9092"),
    group_id="orders",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    # Another worker takes over this long after one was killed.
    session_timeout_ms=6_000,
    heartbeat_interval_ms=2_000,
)
print("coming...", flush=True)
while True:
    for records in consumer.poll(timeout_ms=500).values():
        database.execute("BEGIN IMMEDIATE")
        for record in records:
            take(record)
        database.execute("COMMIT")
        # First the orders, then the offsets: a crash between the two repeats orders, which changes nothing.
        consumer.commit()
