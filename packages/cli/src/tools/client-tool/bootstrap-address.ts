// Whether `--bootstrap-server` can be addresses at all.
import { UsageError } from "../../options/option-error.ts";

const ADDRESS = /^(?:[a-zA-Z\d+.-]*:\/\/)?\[?[\da-zA-Z\-%._:]*\]?:\d+$/;

/** Throws `UsageError` with the words scripts know. */
export function checkBootstrapAddress(text: string | null): void {
  if (text === null || text.trim() === "")
    throw new UsageError("Error while validating the bootstrap address\n");
  if (text.split(",").every((address) => ADDRESS.test(address))) return;
  throw new UsageError("Please provide valid host:port like host1:9091,host2:9092\n");
}
