import assert from "node:assert/strict";
import { test } from "node:test";
import { runWhole } from "@ottla/ports";
import type { Offset, Uuid } from "@ottla/protocol";
import { imageLines } from "../image/image-lines.ts";
import { imageRecords } from "../image/metadata-image.ts";
import type { MetaLogEntry } from "../meta-log/meta-log.ts";
import { encodeMetadataRecord, type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { ImageBuilder } from "./image-builder.ts";

function uuid(number: number): Uuid {
  return `AAAAAAAAAAAAAAA${String(number).padStart(6, "0")}A` as Uuid;
}

function entry(baseOffset: number, ...records: MetadataRecord[]): MetaLogEntry {
  return {
    baseOffset: baseOffset as Offset,
    lastOffset: (baseOffset + Math.max(records.length, 1) - 1) as Offset,
    epoch: 1,
    appendId: null,
    timestampMs: 1,
    bytes: 1,
    records: records.map(encodeMetadataRecord),
    opensEpoch: records.length === 0,
  };
}

const config = (name: string, value: string | null): MetadataRecord =>
  metadataRecord("ConfigRecord", 0, { resourceType: 4, resourceName: "", name, value });
const begin = metadataRecord("BeginTransactionRecord", 0, {});
const end = metadataRecord("EndTransactionRecord", 0, {});
const abort = metadataRecord("AbortTransactionRecord", 0, {});

test("records of a transaction take effect together at its end, or never", () => {
  const builder = new ImageBuilder();
  runWhole(builder.applyEntries([entry(0, begin, config("a", "1"))]));
  assert.equal(builder.image.configs.of(4, "").size, 0);
  assert.equal(builder.image.offset, -1, "the image stands before the open transaction");
  assert.equal(builder.openTransaction?.beginOffset, 0);
  runWhole(builder.applyEntries([entry(2, config("b", "2")), entry(3, end)]));
  assert.deepEqual([...builder.image.configs.of(4, "").keys()], ["a", "b"]);
  runWhole(builder.applyEntries([entry(4, begin, config("a", null)), entry(6, abort, config("c", "3"))]));
  assert.deepEqual([...builder.image.configs.of(4, "").keys()], ["a", "b", "c"]);
  assert.equal(builder.image.offset, 7);
});

test("a hole in the offsets, a second beginning and an end without one stop the builder", () => {
  assert.throws(
    () => runWhole(new ImageBuilder().applyEntries([entry(1, config("a", "1"))])),
    /expected the entry at offset 0, got 1/,
  );
  assert.throws(
    () => runWhole(new ImageBuilder().applyEntries([entry(0, begin, begin)])),
    /offset 1: BeginTransactionRecord is out of place/,
  );
  assert.throws(
    () => runWhole(new ImageBuilder().applyEntries([entry(0, end)])),
    /offset 0: EndTransactionRecord is out of place/,
  );
});

test("records that do not fit what came before stop the builder and name their offset", () => {
  const topic = metadataRecord("TopicRecord", 0, { name: "t", topicId: uuid(1) });
  const fails = (...records: MetadataRecord[]): string => {
    try {
      runWhole(new ImageBuilder().applyEntries([entry(0, ...records)]));
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.match(fails(topic, topic), /offset 1: TopicRecord: topic t .* exists already/);
  assert.match(fails(metadataRecord("RemoveTopicRecord", 0, { topicId: uuid(1) })), /no topic with id/);
  assert.match(
    fails(topic, metadataRecord("PartitionRecord", 2, { topicId: uuid(1), partitionId: 1 })),
    /not 0/,
  );
  assert.match(
    fails(topic, metadataRecord("PartitionRecord", 2, { topicId: uuid(1), partitionId: -1 })),
    /out of range/,
  );
  assert.match(
    fails(metadataRecord("UnregisterBrokerRecord", 0, { brokerId: 1 })),
    /broker 1 is not registered/,
  );
  assert.match(fails(metadataRecord("ProducerIdsRecord", 0, { nextProducerId: -5n })), /out of range/);
});

test("an image from a snapshot at any point and the records behind it is the image from zero", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const entries = randomEntries(seed, 60);
    const whole = new ImageBuilder();
    const snapshots = entries.map((next) => {
      const { image } = runWhole(whole.applyEntries([next]));
      const records = [...imageRecords(image)].map(encodeMetadataRecord);
      const id = { endOffset: (image.offset + 1) as Offset, epoch: image.epoch };
      return { id, records, lastContainedTimestampMs: image.timestampMs };
    });
    for (const [at, snapshot] of snapshots.entries()) {
      if (at % 7 !== seed % 7) continue;
      const builder = new ImageBuilder();
      runWhole(builder.loadSnapshot(snapshot));
      runWhole(builder.applyEntries(entries.slice(at + 1)));
      assert.deepEqual(imageLines(builder.image), imageLines(whole.image), `seed ${seed}, snapshot ${at}`);
    }
  }
});

/**
 * Plausible records of all kinds: topics come, change and go; brokers register; settings, quotas, ACLs and
 * tokens change.
 */
function randomEntries(seed: number, count: number): MetaLogEntry[] {
  const writer = new RandomWriter(seed);
  return Array.from({ length: count }, () => writer.next());
}

class RandomWriter {
  readonly #topics = new Map<Uuid, number>();
  #state: number;
  #brokerEpoch = 0;
  #offset = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): MetaLogEntry {
    const makers = [
      () => this.#newTopic(),
      () => this.#newTopic(),
      () => this.#changedPartition(),
      () => this.#removedTopic(),
      () => this.#broker(),
      () => [config(`key-${this.#below(5)}`, this.#below(3) === 0 ? null : `value-${this.#offset}`)],
      () => [this.#quota()],
      () => [this.#acl()],
      () => this.#token(),
    ];
    const records = (makers[this.#below(makers.length)] as () => MetadataRecord[])();
    const made = entry(this.#offset, ...records);
    this.#offset += records.length;
    return made;
  }

  #below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1103515245) + 12345) >>> 0;
    return (this.#state >>> 8) % bound;
  }

  #someTopic(): Uuid | undefined {
    return [...this.#topics.keys()][this.#below(Math.max(this.#topics.size, 1))];
  }

  #newTopic(): MetadataRecord[] {
    const topicId = uuid(1000 + this.#offset);
    const partitions = 1 + this.#below(4);
    this.#topics.set(topicId, partitions);
    const state = {
      replicas: [1],
      isr: [1],
      leader: 1,
      directories: [uuid(1)],
      leaderEpoch: 0,
      partitionEpoch: 0,
    };
    const partition = (_: unknown, partitionId: number): MetadataRecord =>
      metadataRecord("PartitionRecord", 2, { partitionId, topicId, ...state });
    const topic = metadataRecord("TopicRecord", 0, { name: `t-${this.#offset}`, topicId });
    return [topic, ...Array.from({ length: partitions }, partition)];
  }

  #changedPartition(): MetadataRecord[] {
    const topicId = this.#someTopic();
    if (topicId === undefined) return [metadataRecord("NoOpRecord", 0, {})];
    const partitionId = this.#below(this.#topics.get(topicId) ?? 1);
    const change = { isr: [], leader: -1, eligibleLeaderReplicas: [1], lastKnownElr: [1] };
    return [metadataRecord("PartitionChangeRecord", 2, { topicId, partitionId, ...change })];
  }

  #removedTopic(): MetadataRecord[] {
    const topicId = this.#someTopic();
    if (topicId === undefined || this.#below(2) === 0)
      return [metadataRecord("ClearElrRecord", 0, { topicName: "" })];
    this.#topics.delete(topicId);
    return [metadataRecord("RemoveTopicRecord", 0, { topicId })];
  }

  #broker(): MetadataRecord[] {
    if (this.#brokerEpoch > 0 && this.#below(2) === 0) {
      const fields = { brokerId: 1, brokerEpoch: BigInt(this.#brokerEpoch), fenced: this.#below(3) - 1 };
      return [metadataRecord("BrokerRegistrationChangeRecord", 0, fields)];
    }
    this.#brokerEpoch = this.#offset;
    const fields = { brokerId: 1, brokerEpoch: BigInt(this.#offset), logDirs: [uuid(1)] };
    return [metadataRecord("RegisterBrokerRecord", 4, fields)];
  }

  #quota(): MetadataRecord {
    const entity = [{ entityType: "user", entityName: this.#below(2) === 0 ? null : "u" }];
    const fields = { entity, key: "producer_byte_rate", value: this.#offset, remove: this.#below(3) === 0 };
    return metadataRecord("ClientQuotaRecord", 0, fields);
  }

  #acl(): MetadataRecord {
    const id = uuid(this.#below(4));
    if (this.#below(3) === 0) return metadataRecord("RemoveAccessControlEntryRecord", 0, { id });
    return metadataRecord("AccessControlEntryRecord", 0, { id, resourceName: `r-${this.#offset}` });
  }

  #token(): MetadataRecord[] {
    return [
      metadataRecord("DelegationTokenRecord", 0, { tokenId: `token-${this.#below(3)}`, owner: "User:a" }),
      metadataRecord("ProducerIdsRecord", 0, { nextProducerId: BigInt(1000 + this.#offset) }),
    ];
  }
}
