// An image as plain, ordered data: equal images give equal texts, whatever the history of their maps. For
// comparing the images of nodes and for tests.
import { encodeMetadataRecord } from "../records/metadata-record.ts";
import { imageRecords, type MetadataImage } from "./metadata-image.ts";

/** One line per record that makes the image, sorted; without the image's position. */
export function imageLines(image: MetadataImage): string[] {
  return [...imageRecords(image)]
    .map((record) => `${record.name} ${hex(encodeMetadataRecord(record))}`)
    .sort();
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
