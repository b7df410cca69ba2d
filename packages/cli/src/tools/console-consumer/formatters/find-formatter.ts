// Formatters by the names of Kafka's classes.
import {
  groupMetadataFormatter,
  offsetsFormatter,
  shareGroupStateFormatter,
  transactionLogFormatter,
} from "./coordinator-formatter.ts";
import { DefaultFormatter } from "./default-formatter.ts";
import type { FormatterComplaint, FormatterProperties, MessageFormatter } from "./message-formatter.ts";

const PACKAGE = "org.apache.kafka.tools.consumer.";

export const DEFAULT_FORMATTER_CLASS: string = `${PACKAGE}DefaultMessageFormatter`;

/** The formatter of this class, or null when there is none. */
export function findFormatter(
  name: string,
  properties: FormatterProperties,
  complain: FormatterComplaint,
): MessageFormatter | null {
  if (!name.startsWith(PACKAGE)) return null;
  switch (name.slice(PACKAGE.length)) {
    case "DefaultMessageFormatter":
    // It writes a line into the log as well, below the level that tools show.
    case "LoggingMessageFormatter":
      return new DefaultFormatter(properties, complain);
    case "NoOpMessageFormatter":
      return { write() {} };
    case "OffsetsMessageFormatter":
      return offsetsFormatter();
    case "GroupMetadataMessageFormatter":
      return groupMetadataFormatter();
    case "TransactionLogMessageFormatter":
      return transactionLogFormatter();
    case "group.share.ShareGroupStateMessageFormatter":
      return shareGroupStateFormatter();
    default:
      return null;
  }
}
