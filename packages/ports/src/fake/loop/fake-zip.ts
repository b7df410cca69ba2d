// Codecs of a simulated node: the passed-in ones, which are pure, with later calls as events of the pool. The
// input is read when the event happens, so a caller that reuses it too early is found out.
import { createMissingZip } from "../../missing-zip.ts";
import { type Zip, ZipError } from "../../zip.ts";
import type { FakeLife } from "../fake-life.ts";

/** Codecs of one life; without `codecs` all are missing. */
export function createFakeZip(life: FakeLife, codecs: Zip | undefined): Zip {
  const later = (run: () => void) => {
    life.schedule("zip", life.drawUs(life.host.delays.poolUs), run);
  };
  if (codecs === undefined) return createMissingZip(later);
  return {
    compress: (codec, data, level) => codecs.compress(codec, data, level),
    decompress: (codec, data, bytesMax) => codecs.decompress(codec, data, bytesMax),
    compressLater: (codec, data, level, done) =>
      later(() => done(attempt(() => codecs.compress(codec, data, level)))),
    decompressLater: (codec, data, bytesMax, done) =>
      later(() => done(attempt(() => codecs.decompress(codec, data, bytesMax)))),
  };
}

function attempt(call: () => Uint8Array): Uint8Array | ZipError {
  try {
    return call();
  } catch (error) {
    if (error instanceof ZipError) return error;
    throw error;
  }
}
