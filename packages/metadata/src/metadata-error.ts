// What goes wrong with metadata that was read: bytes that are no metadata, or records that do not fit what
// came before. It is never skipped: a node that cannot understand a record must stop, or it would act on a
// picture that others do not share.

/** Metadata that cannot be applied; `message` names the record and the place. */
export class MetadataError extends Error {
  override readonly name: string = "MetadataError";
}
