// Who wants to know of new metadata.
import type { MetadataDelta } from "../image/metadata-delta.ts";
import type { MetadataImage } from "../image/metadata-image.ts";

/** Told of each new image, in order, in the turn in which it was loaded; `name` is for logs. */
export interface MetadataPublisher {
  readonly name: string;
  /**
   * `delta` leads from the image of the last call (the empty one before the first) to `image`. After a
   * snapshot it leads from the empty image: `delta.previous` is then not the last image, and whatever `image`
   * lacks is gone.
   */
  onMetadataUpdate(delta: MetadataDelta, image: MetadataImage): void;
}
