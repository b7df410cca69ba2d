// A peer's own names for things (ids it drew, ports it listens on, its clock), so that answers of two peers
// can be compared: each becomes a symbol such as <id of NAME>. A value that was not learnt stays as it is, so
// a wrong id is a difference.
import { type Uuid, ZERO_UUID } from "@ottla/protocol";

const hourMs = 3_600_000n;
const uuidPattern = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What is symbolic about one peer; sessions, producers and members are counted anew per scenario. */
export class PeerSymbols {
  readonly #topics = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  #producers = new Map<bigint, string>();
  #sessions = new Map<number, string>();
  #uuids = new Map<string, string>();

  /** Any text (cluster id, directory, port) that is this peer's own. */
  learnText(text: string, symbol: string): void {
    if (text !== "") this.#texts.set(text, symbol);
  }

  learnTopic(name: string, id: Uuid): void {
    if (id !== ZERO_UUID) this.#topics.set(id, `<id of ${name}>`);
  }

  startScenario(): void {
    this.#producers = new Map();
    this.#sessions = new Map();
    this.#uuids = new Map();
  }

  topicId(id: string): string {
    return this.#topics.get(id) ?? id;
  }

  /** Replaces everything learnt inside a message text. */
  text(text: string): string {
    let result = text;
    for (const [id, symbol] of this.#topics) if (result.includes(id)) result = result.replaceAll(id, symbol);
    for (const [own, symbol] of this.#texts)
      if (result.includes(own)) result = result.replaceAll(own, symbol);
    return result;
  }

  producer(id: bigint): unknown {
    if (id < 0n) return id;
    const known = this.#producers.get(id) ?? `<producer ${this.#producers.size + 1}>`;
    this.#producers.set(id, known);
    return known;
  }

  /** An id that the peer drew for a group's member: what was given, and a random UUID. */
  member(id: string): string {
    return id.replace(uuidPattern, (uuid) => {
      const known = this.#uuids.get(uuid) ?? `<uuid ${this.#uuids.size + 1}>`;
      this.#uuids.set(uuid, known);
      return known;
    });
  }

  session(id: number): unknown {
    if (id === 0) return id;
    const known = this.#sessions.get(id) ?? `<session ${this.#sessions.size + 1}>`;
    this.#sessions.set(id, known);
    return known;
  }
}

/** Whether a timestamp in milliseconds is a reading of the peer's clock in this run. */
export function isClockReading(timestampMs: bigint): boolean {
  const now = BigInt(Date.now());
  return timestampMs > now - hourMs && timestampMs < now + hourMs;
}
