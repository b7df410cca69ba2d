// What follows the metadata of a control record: the marker of a transaction, or a record of the metadata
// log.
import {
  CONTROL_ABORT,
  CONTROL_COMMIT,
  CONTROL_KRAFT_VERSION,
  CONTROL_KRAFT_VOTERS,
  CONTROL_LEADER_CHANGE,
  CONTROL_SNAPSHOT_FOOTER,
  CONTROL_SNAPSHOT_HEADER,
  controlRecordType,
  DecodeError,
  endTxnMarkerCoordinatorEpoch,
  findMessageCodec,
  Reader,
  recordJson,
} from "@ottla/protocol";
import { JavaFailure } from "./java-failure.ts";

/** By type: the words before the JSON, and the message. */
const SHOWN: ReadonlyMap<number, readonly [label: string, message: string]> = new Map([
  [CONTROL_LEADER_CHANGE, ["LeaderChange:", "LeaderChangeMessage"]],
  [CONTROL_SNAPSHOT_HEADER, ["SnapshotHeader", "SnapshotHeaderRecord"]],
  [CONTROL_SNAPSHOT_FOOTER, ["SnapshotFooter", "SnapshotFooterRecord"]],
  [CONTROL_KRAFT_VERSION, ["KRaftVersion", "KRaftVersionRecord"]],
  [CONTROL_KRAFT_VOTERS, ["KRaftVoters", "VotersRecord"]],
]);

/** Text with a blank in front. Throws `JavaFailure` when the record is not what its type says. */
export function controlRecordText(key: Uint8Array | null, value: Uint8Array | null): string {
  const type = controlRecordType(key);
  if (type === null) {
    throw new JavaFailure(
      "org.apache.kafka.common.InvalidRecordException",
      "Invalid value size found for control record key. Must have at least " +
        `4 bytes, but found only ${key?.length ?? -1}`,
    );
  }
  try {
    if (type === CONTROL_ABORT || type === CONTROL_COMMIT) {
      const epoch = endTxnMarkerCoordinatorEpoch(value ?? new Uint8Array(0));
      return ` endTxnMarker: ${type === CONTROL_ABORT ? "ABORT" : "COMMIT"} coordinatorEpoch: ${epoch}`;
    }
    const shown = SHOWN.get(type);
    if (shown === undefined) return ` controlType: UNKNOWN(${type})`;
    const [label, name] = shown;
    const codec = findMessageCodec(name);
    if (codec === undefined) throw new Error(`${name} is no message`);
    // The first field is the version itself; a newer one only adds fields behind.
    const version = new Reader(value ?? new Uint8Array(0)).int16();
    const known = Math.min(version, codec.maxVersion);
    const message = codec.decode(new Reader(value ?? new Uint8Array(0)), known);
    return ` ${label} ${recordJson(name, message, known)}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new JavaFailure("org.apache.kafka.common.InvalidRecordException", error.message);
  }
}
