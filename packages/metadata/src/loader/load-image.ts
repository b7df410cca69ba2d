// Reads a whole metadata log into an image: newest snapshot, then every entry up to the tail. For a
// controller that starts; nodes that follow the log use metadata-loader.ts.
import type { Slices } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import type { MetadataImage } from "../image/metadata-image.ts";
import type { MetaLog } from "../meta-log/meta-log.ts";
import { ImageBuilder } from "./image-builder.ts";

export interface ImageBuilderResult {
  readonly image: MetadataImage;
  /** The log's tail. */
  readonly nextOffset: Offset;
  /** The transaction that is open at the tail. */
  readonly openTransaction: { readonly name: string | null } | null;
}

export function loadImage(
  metaLog: MetaLog,
  slices: Slices,
  done: (result: ImageBuilderResult | Error) => void,
): void {
  const builder = new ImageBuilder();
  metaLog.latestSnapshot((snapshot) => {
    if (snapshot instanceof Error) return done(snapshot);
    const readOn = (): void => readOnFrom(metaLog, slices, builder, done);
    if (snapshot === null) return readOn();
    const failed = (error: unknown): void => done(error as Error);
    slices.run("metadata loading", builder.loadSnapshot(snapshot), { done: readOn, failed });
  });
}

function readOnFrom(
  metaLog: MetaLog,
  slices: Slices,
  builder: ImageBuilder,
  done: (result: ImageBuilderResult | Error) => void,
): void {
  metaLog.read(builder.nextOffset, (result) => {
    if (result.kind === "failed") return done(result.cause);
    if (result.kind === "trimmed")
      return done(new Error("the metadata log was trimmed behind its newest snapshot"));
    if (result.entries.length === 0) return done(builder);
    const failed = (error: unknown): void => done(error as Error);
    const readOn = (): void => readOnFrom(metaLog, slices, builder, done);
    slices.run("metadata loading", builder.applyEntries(result.entries), { done: readOn, failed });
  });
}
