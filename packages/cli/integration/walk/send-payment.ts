// The event of Kafka's introduction: key "Alice", value "Made a payment of $200 to Bob", at a given time.
import { Producer } from "@ottla/client";

const text = new TextEncoder();
const producer = new Producer({ "bootstrap.servers": "localhost:9092" });
await producer.send({
  topic: "payments",
  // Jun. 25, 2020 at 2:06 p.m. UTC
  timestamp: 1_593_093_960_000,
  key: text.encode("Alice"),
  value: text.encode("Made a payment of $200 to Bob"),
  headers: [{ key: "h", value: text.encode("v") }],
});
await producer.close();
