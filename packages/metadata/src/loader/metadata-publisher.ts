// Who wants to know of new metadata.
import type { Pieces } from "@ottla/ports";
import type { MetadataDelta } from "../image/metadata-delta.ts";
import type { MetadataImage } from "../image/metadata-image.ts";

/** Told of each new image, in order, one publisher after the other; `name` is for logs. */
export interface MetadataPublisher {
  readonly name: string;
  /**
   * `delta` leads from the image of the last call (the empty one before the first) to `image`. After a
   * snapshot it leads from the empty image: `delta.previous` is then not the last image, and whatever `image`
   * lacks is gone. What it returns is its work, which may take several turns; until that ended nothing else
   * is told to anybody.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most publishers return nothing.
  onMetadataUpdate(delta: MetadataDelta, image: MetadataImage): Pieces<void> | void;
}
