// Loads the optional native codecs on first use. Where a platform has no prebuilt binary the pure codecs of
// this folder take over, so a failed load is an answer, not an error.
import { createRequire } from "node:module";

/** What we use of package `snappy`. */
export interface SnappyNative {
  compressSync(data: Uint8Array): Uint8Array;
  compress(data: Uint8Array): Promise<Uint8Array>;
  uncompressSync(data: Uint8Array, options: { asBuffer: true }): Uint8Array;
  uncompress(data: Uint8Array, options: { asBuffer: true }): Promise<Uint8Array>;
}

/** What we use of package `lz4-napi`. */
export interface Lz4Native {
  compressFrameSync(data: Uint8Array): Uint8Array;
  compressFrame(data: Uint8Array): Promise<Uint8Array>;
  decompressFrameSync(data: Uint8Array): Uint8Array;
  decompressFrame(data: Uint8Array): Promise<Uint8Array>;
}

/** Native codecs, each null where it cannot be loaded. */
export interface Natives {
  snappy(): SnappyNative | null;
  lz4(): Lz4Native | null;
}

/** Loads each codec once, when first asked for. */
export function createNatives(): Natives {
  const require = createRequire(import.meta.url);
  const load = (name: string): unknown => {
    try {
      return require(name);
    } catch {
      return null;
    }
  };
  let snappy: SnappyNative | null | undefined;
  let lz4: Lz4Native | null | undefined;
  return {
    snappy: () => (snappy ??= load("snappy") as SnappyNative | null),
    lz4: () => (lz4 ??= load("lz4-napi") as Lz4Native | null),
  };
}

/** No native codec at all: the pure ones do everything. */
export const NO_NATIVES: Natives = { snappy: () => null, lz4: () => null };
