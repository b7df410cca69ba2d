// Records of `__cluster_metadata`.
import { DecodeError, metadataRecordCodecs, recordJson } from "@ottla/protocol";
import { readFramedRecord } from "./framed-record.ts";
import type { RecordDecoder } from "./record-decoder.ts";

/** Shows the value alone: these records have no key. */
export const clusterMetadataDecoder: RecordDecoder = ({ offset, value }) => {
  try {
    const { name, version, message } = readFramedRecord(value, metadataRecordCodecs);
    const data = recordJson(name, message, version);
    return { key: null, value: `{"type":"${constantName(name)}","version":${version},"data":${data}}` };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { key: null, value: `Error at ${offset}, skipping. ${error.message}` };
  }
};

/** `NoOpRecord` as `NO_OP_RECORD`. */
function constantName(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
