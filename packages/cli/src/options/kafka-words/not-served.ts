// The failure of a call that no API of the client stands behind yet, in the words of Kafka's client when a
// broker lacks the API.
import { JavaException } from "../java-exception.ts";

/** `api` in Kafka's capitals, such as `ALTER_CLIENT_QUOTAS`. */
export function notServed(api: string): JavaException {
  return new JavaException(
    "org.apache.kafka.common.errors.UnsupportedVersionException",
    `The node does not support ${api}`,
  );
}
