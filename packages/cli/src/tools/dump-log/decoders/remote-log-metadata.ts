// Records of `__remote_log_metadata`, shown as the objects that Kafka makes of them, with the checks that
// these make.
import {
  DecodeError,
  type RemoteLogSegmentMetadataRecord,
  type RemoteLogSegmentMetadataSnapshotRecord,
  type RemoteLogSegmentMetadataUpdateRecord,
  type RemotePartitionDeleteMetadataRecord,
  remoteLogRecordCodecs,
} from "@ottla/protocol";
import { readFramedRecord } from "./framed-record.ts";
import type { RecordDecoder } from "./record-decoder.ts";

/** What Java says of it. */
const NO_VALUE =
  'Cannot invoke "java.nio.ByteBuffer.remaining()" because the return value of ' +
  '"org.apache.kafka.common.record.internal.Record.value()" is null';

const SEGMENT_STATES = [
  "COPY_SEGMENT_STARTED",
  "COPY_SEGMENT_FINISHED",
  "DELETE_SEGMENT_STARTED",
  "DELETE_SEGMENT_FINISHED",
];
const DELETE_STATES = ["DELETE_PARTITION_MARKED", "DELETE_PARTITION_STARTED", "DELETE_PARTITION_FINISHED"];

/** Shows the value alone: these records have no key. */
export const remoteLogMetadataDecoder: RecordDecoder = ({ offset, value }) => {
  try {
    if (value === null) throw new DecodeError(NO_VALUE);
    const { name, message } = readFramedRecord(value, remoteLogRecordCodecs);
    return { key: null, value: show(name, message) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { key: null, value: `Error at offset ${offset}, skipping. ${error.message}` };
  }
};

function show(name: string, message: unknown): string {
  switch (name) {
    case "RemoteLogSegmentMetadataRecord":
      return showSegment(message as RemoteLogSegmentMetadataRecord);
    case "RemoteLogSegmentMetadataUpdateRecord":
      return showUpdate(message as RemoteLogSegmentMetadataUpdateRecord);
    case "RemotePartitionDeleteMetadataRecord":
      return showPartitionDelete(message as RemotePartitionDeleteMetadataRecord);
    default:
      return showSnapshot(message as RemoteLogSegmentMetadataSnapshotRecord);
  }
}

function showSegment(record: RemoteLogSegmentMetadataRecord): string {
  checkRange(record);
  const epochs = leaderEpochs(record.segmentLeaderEpochs);
  const state = segmentState(record.remoteLogSegmentState);
  return (
    `RemoteLogSegmentMetadata{remoteLogSegmentId=${segmentId(record.remoteLogSegmentId)}, ` +
    `startOffset=${record.startOffset}, endOffset=${record.endOffset}, brokerId=${record.brokerId}, ` +
    `maxTimestampMs=${record.maxTimestampMs}, eventTimestampMs=${record.eventTimestampMs}, ` +
    `segmentLeaderEpochs=${epochs}, segmentSizeInBytes=${record.segmentSizeInBytes}, ` +
    `customMetadata=${customMetadata(record.customMetadata)}, state=${state}, txnIdxEmpty=${record.txnIndexEmpty}}`
  );
}

function showUpdate(record: RemoteLogSegmentMetadataUpdateRecord): string {
  const state = segmentState(record.remoteLogSegmentState);
  return (
    `RemoteLogSegmentMetadataUpdate{remoteLogSegmentId=${segmentId(record.remoteLogSegmentId)}, ` +
    `customMetadata=${customMetadata(record.customMetadata)}, state=${state}, ` +
    `eventTimestampMs=${record.eventTimestampMs}, brokerId=${record.brokerId}}`
  );
}

function showPartitionDelete(record: RemotePartitionDeleteMetadataRecord): string {
  const state = DELETE_STATES[record.remotePartitionDeleteState];
  if (state === undefined) throw new DecodeError("null");
  return (
    `RemotePartitionDeleteMetadata{topicPartition=${topicIdPartition(record.topicIdPartition)}, state=${state}, ` +
    `eventTimestampMs=${record.eventTimestampMs}, brokerId=${record.brokerId}}`
  );
}

function showSnapshot(record: RemoteLogSegmentMetadataSnapshotRecord): string {
  const state = segmentState(record.remoteLogSegmentState);
  checkRange(record);
  const epochs = leaderEpochs(record.segmentLeaderEpochs);
  return (
    `RemoteLogSegmentMetadataSnapshot{segmentId=${record.segmentId}, startOffset=${record.startOffset}, ` +
    `endOffset=${record.endOffset}, maxTimestampMs=${record.maxTimestampMs}, segmentLeaderEpochs=${epochs}, ` +
    `segmentSizeInBytes=${record.segmentSizeInBytes}, customMetadata=${customMetadata(record.customMetadata)}, ` +
    `state=${state}, txnIdxEmpty=${record.txnIndexEmpty}}`
  );
}

function checkRange({ startOffset, endOffset }: { startOffset: bigint; endOffset: bigint }): void {
  if (startOffset < 0n) {
    throw new DecodeError(
      `Unexpected start offset = ${startOffset}. StartOffset for a remote segment cannot be negative`,
    );
  }
  if (endOffset < startOffset) {
    throw new DecodeError(
      `Unexpected end offset = ${endOffset}. EndOffset for a remote segment cannot be less than startOffset = ${startOffset}`,
    );
  }
}

function leaderEpochs(epochs: readonly { leaderEpoch: number; offset: bigint }[]): string {
  if (epochs.length === 0) throw new DecodeError("segmentLeaderEpochs can not be null or empty");
  const byEpoch = new Map(epochs.map(({ leaderEpoch, offset }) => [leaderEpoch, offset]));
  const sorted = [...byEpoch].sort(([left], [right]) => left - right);
  return `{${sorted.map(([epoch, offset]) => `${epoch}=${offset}`).join(", ")}}`;
}

function segmentState(state: number): string {
  const name = SEGMENT_STATES[state];
  if (name === undefined) throw new DecodeError("state can not be null");
  return name;
}

function customMetadata(bytes: Uint8Array | null): string {
  return bytes === null ? "Optional.empty" : `Optional[CustomMetadata{${bytes.length} bytes}]`;
}

function topicIdPartition(of: { name: string; id: string; partition: number }): string {
  return `${of.id}:${of.name}-${of.partition}`;
}

function segmentId(id: {
  topicIdPartition: { name: string; id: string; partition: number };
  id: string;
}): string {
  return `RemoteLogSegmentId{topicIdPartition=${topicIdPartition(id.topicIdPartition)}, id=${id.id}}`;
}
