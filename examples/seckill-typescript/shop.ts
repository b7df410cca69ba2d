// The shop: POST /buy writes the order to the topic and answers at once. `node shop.ts [PORT]`.
import { createServer } from "node:http";
import { Producer } from "@ottla/client";

const orderBytesMax = 10_000;
const producer = new Producer({ "bootstrap.servers": process.env["BOOTSTRAP"] ?? "localhost:9092" });

/** What is wrong with an order, or null. */
function complaint(order: Record<string, unknown>): string | null {
  for (const field of ["seckill_id", "count", "user_id"]) {
    if (!Number.isSafeInteger(order[field])) return `${field} must be a whole number`;
  }
  return typeof order["address"] === "string" ? null : "address must be a text";
}

const server = createServer((request, response) => {
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.method !== "POST" || request.url !== "/buy") return answer(404, "POST /buy is all there is");
  let text = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (text.length > orderBytesMax) request.destroy();
  });
  request.on("end", () => {
    let order: Record<string, unknown>;
    try {
      order = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return answer(400, "the body must be JSON");
    }
    const wrong = complaint(order);
    if (wrong !== null) return answer(422, wrong);
    // The key keeps the orders of one user in one partition, hence in order.
    const record = {
      topic: "seckill",
      key: Buffer.from(String(order["user_id"])),
      value: Buffer.from(JSON.stringify(order)),
    };
    producer.send(record).catch((error: unknown) => console.error(`an order is lost: ${String(error)}`));
    answer(200, "ok");
  });
});

server.listen(Number(process.argv[2] ?? 8000), () => console.log("open"));

// Orders that were answered with ok leave before the process does.
process.once("SIGTERM", () => {
  server.close(() => void producer.close());
  server.closeIdleConnections();
});
