// The schemas of all messages, by name, for reading golden JSON.
import { type Message, readMessages } from "../../../tools/codegen/schema.ts";

const folder = new URL("../src/schemas/", import.meta.url);

const files = [
  "clients.json",
  "group-coordinator.json",
  "share-coordinator.json",
  "transaction-coordinator.json",
  "metadata.json",
  "raft.json",
  "storage.json",
  "streams.json",
];

export const schemas: ReadonlyMap<string, Message> = new Map(
  files.flatMap((file) => readMessages(folder, file)).map((message) => [message.name, message]),
);
