// What hostile and odd clients put into requests: names of what exists among names that hurt, numbers at
// their edges among small ones, record batches of every kind. Seeded by whoever gives `below`. Not here:
// requests themselves (generated-request.ts), damaged bytes.
import type { Zip } from "@ottla/ports";
import { buildBatch, type Uuid, updateBatchCrc, ZERO_UUID } from "@ottla/protocol";
import type { Chooser } from "./generated-request.ts";

/** Names that are no names, or names of something in the language this is written in. */
const hostileNames: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "..",
  ".",
  "a/b",
  "../../escaped",
  "nul\u0000name",
  "",
  "x".repeat(249),
  "x".repeat(250),
  "__cluster_metadata",
  "__consumer_offsets",
  "a.b",
  "a_b",
  "näme",
  "\u{1f4a5}",
];

/** int64 at the edges of what the language counts exactly, and of the type. */
export const int64Edges: readonly bigint[] = [
  -(2n ** 63n),
  -(2n ** 63n) + 1n,
  -(2n ** 53n) - 1n,
  -(2n ** 53n),
  -7n,
  -6n,
  -3n,
  -2n,
  -1n,
  0n,
  1n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
];

const settingNames = [
  "retention.ms",
  "cleanup.policy",
  "max.message.bytes",
  "segment.bytes",
  "min.insync.replicas",
  "compression.type",
  "message.timestamp.type",
  "__proto__",
  "toString",
  "no.such.setting",
];
const settingValues = [
  "",
  "-1",
  "0",
  "1",
  "1048588",
  "compact",
  "delete",
  "gzip",
  "LogAppendTime",
  "NaN",
  "__proto__",
];
const batchKinds = 14;
const attributesAt = 21;
const unknownId = "UUUUUUUUUUUUUUUUUUUUUA" as Uuid;

/** What exists, and where chance comes from. */
export interface HostileChoices {
  /** 0 ≤ result < bound. */
  below(bound: number): number;
  readonly topics: readonly string[];
  readonly topicIds: readonly Uuid[];
  readonly clusterId: string;
  readonly zip: Zip;
  readonly nowMs: number;
}

/** Draws the fields of requests. */
export class HostileChooser implements Chooser {
  readonly #from: HostileChoices;

  constructor(from: HostileChoices) {
    this.#from = from;
  }

  isNull(): boolean {
    return this.#below(5) === 0;
  }

  count(): number {
    return [0, 1, 1, 1, 2, 3][this.#below(6)] ?? 0;
  }

  integer(path: string, bits: number): number {
    // Time in the world passes for whoever waits, and nobody learns more from a wait of three weeks.
    if (path.endsWith("Ms")) return this.#below(100);
    const edges =
      bits === 17 ? [0, 1, 0xffff] : [-(2 ** (bits - 1)), -3, -2, -1, 0, 1, 2, 3, 2 ** (bits - 1) - 1];
    return this.#below(3) > 0 ? this.#below(3) : this.#one(edges);
  }

  int64(path: string): bigint {
    if (path.endsWith("Ms")) return BigInt(this.#below(100));
    return this.#below(3) > 0 ? BigInt(this.#below(20)) : this.#one(int64Edges);
  }

  bool(): boolean {
    return this.#below(2) === 0;
  }

  string(path: string): string {
    const field = path.slice(path.lastIndexOf(".") + 1);
    if (/clusterId/.test(field)) return this.#one([this.#from.clusterId, "other"]);
    if (/configs\.name$|configurationKeys$/.test(path)) return this.#one(settingNames);
    if (field === "value") return this.#one(settingValues);
    // Whoever is new in a group.
    if (field === "memberId" && this.#below(2) === 0) return "";
    if (field === "resourceName") return this.#one([...this.#from.topics, ...hostileNames, "1", "2", ""]);
    if (/software/i.test(field)) return this.#one(["librdkafka", "1.0", "", "-", "x y"]);
    return this.#below(2) === 0 ? this.#one(this.#from.topics) : this.#one(hostileNames);
  }

  uuid(): string {
    const drawn = this.#below(4);
    if (drawn === 0) return ZERO_UUID;
    return drawn === 1 ? unknownId : this.#one(this.#from.topicIds);
  }

  bytes(): Uint8Array {
    return this.#noise(this.#below(40));
  }

  records(): Uint8Array {
    return hostileBatch(this.#below(batchKinds), this.#from);
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#below(256));
  }

  #below(bound: number): number {
    return this.#from.below(bound);
  }

  #one<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)] as Value;
  }
}

/** A batch of the given kind; half of the kinds are sound. */
function hostileBatch(kind: number, { below, zip, nowMs }: HostileChoices): Uint8Array {
  const text = new TextEncoder();
  const records = Array.from({ length: 1 + below(4) }, (_, index) => ({
    timestamp: nowMs,
    key: below(3) === 0 ? null : text.encode(`k${index}`),
    value: below(4) === 0 ? null : new Uint8Array(below(300)),
    headers: below(4) === 0 ? [{ key: "__proto__", value: text.encode("1") }] : [],
  }));
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return buildBatch({ records, compression: kind }, zip);
    case 5: {
      const ids = { producerId: below(3), producerEpoch: below(3) - 1, baseSequence: below(4) - 1 };
      return buildBatch({ records, ...ids });
    }
    case 6:
      return buildBatch({ records, isTransactional: true, producerId: 1, producerEpoch: 0, baseSequence: 0 });
    case 7:
      return buildBatch({ records, isControl: true });
    case 8: {
      const batch = buildBatch({ records });
      return Uint8Array.from([...batch, ...batch]);
    }
    case 9:
    case 11:
    case 12: {
      const batch = buildBatch({ records, compression: below(5) }, zip);
      // Behind its size and magic, so that the checksum can be made right again and the rest is looked at.
      for (let changes = 1 + below(3); changes > 0; changes--) {
        batch[attributesAt + below(batch.length - attributesAt)] = below(256);
      }
      if (below(4) > 0) updateBatchCrc(batch, 0);
      return batch;
    }
    case 10:
      return buildBatch({ records: [], lastOffset: below(3) });
    default:
      return Uint8Array.from({ length: below(90) }, () => below(256));
  }
}
