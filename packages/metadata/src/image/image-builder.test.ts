import assert from "node:assert/strict";
import { test } from "node:test";
import type { Offset, Uuid } from "@ottla/protocol";
import type { MetaLogEntry } from "../meta-log/meta-log.ts";
import { encodeMetadataRecord, type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { ImageBuilder } from "./image-builder.ts";
import { imageLines } from "./image-lines.ts";
import { imageRecords } from "./metadata-image.ts";

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
  builder.applyEntries([entry(0, begin, config("a", "1"))]);
  assert.equal(builder.image.configs.of(4, "").size, 0);
  assert.equal(builder.image.offset, -1, "the image stands before the open transaction");
  assert.equal(builder.openTransaction?.beginOffset, 0);
  builder.applyEntries([entry(2, config("b", "2")), entry(3, end)]);
  assert.deepEqual([...builder.image.configs.of(4, "").keys()], ["a", "b"]);
  builder.applyEntries([entry(4, begin, config("a", null)), entry(6, abort, config("c", "3"))]);
  assert.deepEqual([...builder.image.configs.of(4, "").keys()], ["a", "b", "c"]);
  assert.equal(builder.image.offset, 7);
});

test("a hole in the offsets, a second beginning and an end without one stop the builder", () => {
  assert.throws(
    () => new ImageBuilder().applyEntries([entry(1, config("a", "1"))]),
    /expected the entry at offset 0, got 1/,
  );
  assert.throws(
    () => new ImageBuilder().applyEntries([entry(0, begin, begin)]),
    /offset 1: BeginTransactionRecord is out of place/,
  );
  assert.throws(
    () => new ImageBuilder().applyEntries([entry(0, end)]),
    /offset 0: EndTransactionRecord is out of place/,
  );
});

test("records that do not fit what came before stop the builder and name their offset", () => {
  const topic = metadataRecord("TopicRecord", 0, { name: "t", topicId: uuid(1) });
  const fails = (...records: MetadataRecord[]): string => {
    try {
      new ImageBuilder().applyEntries([entry(0, ...records)]);
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
      const { image } = whole.applyEntries([next]);
      const records = [...imageRecords(image)].map(encodeMetadataRecord);
      const id = { endOffset: (image.offset + 1) as Offset, epoch: image.epoch };
      return { id, records, lastContainedTimestampMs: image.timestampMs };
    });
    for (const [at, snapshot] of snapshots.entries()) {
      if (at % 7 !== seed % 7) continue;
      const builder = new ImageBuilder();
      builder.loadSnapshot(snapshot);
      builder.applyEntries(entries.slice(at + 1));
      assert.deepEqual(imageLines(builder.image), imageLines(whole.image), `seed ${seed}, snapshot ${at}`);
    }
  }
});

/** Plausible records of all kinds: topics come, change and go; brokers register; settings, quotas, ACLs and users change. */
function randomEntries(seed: number, count: number): MetaLogEntry[] {
  let state = seed;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % bound;
  };
  const topics = new Map<Uuid, number>();
  let brokers = 0;
  let offset = 0;
  const one = (): MetadataRecord[] => {
    const id = [...topics.keys()][below(Math.max(topics.size, 1))];
    switch (below(10)) {
      case 0:
      case 1: {
        const topicId = uuid(1000 + offset);
        const partitions = 1 + below(4);
        topics.set(topicId, partitions);
        return [
          metadataRecord("TopicRecord", 0, { name: `t-${offset}`, topicId }),
          ...Array.from({ length: partitions }, (_, partitionId) =>
            metadataRecord("PartitionRecord", 2, {
              partitionId,
              topicId,
              replicas: [1],
              isr: [1],
              leader: 1,
              directories: [uuid(1)],
              leaderEpoch: 0,
              partitionEpoch: 0,
            }),
          ),
        ];
      }
      case 2:
        if (id === undefined) return [metadataRecord("NoOpRecord", 0, {})];
        return [
          metadataRecord("PartitionChangeRecord", 2, {
            topicId: id,
            partitionId: below(topics.get(id) ?? 1),
            isr: [],
            leader: -1,
            eligibleLeaderReplicas: [1],
            lastKnownElr: [1],
          }),
        ];
      case 3:
        if (id === undefined || below(2) === 0)
          return [metadataRecord("ClearElrRecord", 0, { topicName: "" })];
        topics.delete(id);
        return [metadataRecord("RemoveTopicRecord", 0, { topicId: id })];
      case 4:
        brokers = offset;
        return [
          metadataRecord("RegisterBrokerRecord", 4, {
            brokerId: 1,
            brokerEpoch: BigInt(offset),
            logDirs: [uuid(1)],
          }),
        ];
      case 5:
        if (brokers === 0) return [config("x", "y")];
        return [
          metadataRecord("BrokerRegistrationChangeRecord", 0, {
            brokerId: 1,
            brokerEpoch: BigInt(brokers),
            fenced: below(3) - 1,
          }),
        ];
      case 6:
        return [config(`key-${below(5)}`, below(3) === 0 ? null : `value-${offset}`)];
      case 7:
        return [
          metadataRecord("ClientQuotaRecord", 0, {
            entity: [{ entityType: "user", entityName: below(2) === 0 ? null : "u" }],
            key: "producer_byte_rate",
            value: offset,
            remove: below(3) === 0,
          }),
        ];
      case 8:
        return [
          below(3) === 0
            ? metadataRecord("RemoveAccessControlEntryRecord", 0, { id: uuid(below(4)) })
            : metadataRecord("AccessControlEntryRecord", 0, {
                id: uuid(below(4)),
                resourceName: `r-${offset}`,
              }),
        ];
      default:
        return [
          metadataRecord("DelegationTokenRecord", 0, { tokenId: `token-${below(3)}`, owner: "User:a" }),
          metadataRecord("ProducerIdsRecord", 0, { nextProducerId: BigInt(1000 + offset) }),
        ];
    }
  };
  return Array.from({ length: count }, () => {
    const records = one();
    const next = entry(offset, ...records);
    offset += records.length;
    return next;
  });
}
