// Errors under the names that Kafka's tools print, so that scripts which look for
// `TopicExistsException` find it. Stack frames are left out: there are none.
import type { ErrorSpec } from "@ottla/protocol";
import { kafkaErrorTexts } from "./kafka-words/error-texts.ts";

const COMMON_ERRORS = "org.apache.kafka.common.errors";

/** Protocol errors whose exception is not called as the error is. */
const irregular: ReadonlyMap<string, string> = new Map([
  ["UNKNOWN_SERVER_ERROR", "UnknownServerException"],
  ["CORRUPT_MESSAGE", "CorruptRecordException"],
  ["REQUEST_TIMED_OUT", "TimeoutException"],
  ["MESSAGE_TOO_LARGE", "RecordTooLargeException"],
  ["STALE_CONTROLLER_EPOCH", "ControllerMovedException"],
  ["OFFSET_METADATA_TOO_LARGE", "OffsetMetadataTooLarge"],
  ["RECORD_LIST_TOO_LARGE", "RecordBatchTooLargeException"],
  ["TOPIC_AUTHORIZATION_FAILED", "TopicAuthorizationException"],
  ["GROUP_AUTHORIZATION_FAILED", "GroupAuthorizationException"],
  ["CLUSTER_AUTHORIZATION_FAILED", "ClusterAuthorizationException"],
  ["TOPIC_ALREADY_EXISTS", "TopicExistsException"],
  ["INVALID_CONFIG", "InvalidConfigurationException"],
  ["OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException"],
  ["DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException"],
  ["INVALID_PRODUCER_ID_MAPPING", "InvalidPidMappingException"],
  ["INVALID_TRANSACTION_TIMEOUT", "InvalidTxnTimeoutException"],
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "TransactionalIdAuthorizationException"],
  ["KAFKA_STORAGE_ERROR", "KafkaStorageException"],
  ["SASL_AUTHENTICATION_FAILED", "SaslAuthenticationException"],
  ["DELEGATION_TOKEN_AUTH_DISABLED", "DelegationTokenDisabledException"],
  ["DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "UnsupportedByAuthenticationException"],
  ["DELEGATION_TOKEN_AUTHORIZATION_FAILED", "DelegationTokenAuthorizationException"],
  ["NON_EMPTY_GROUP", "GroupNotEmptyException"],
  ["PRINCIPAL_DESERIALIZATION_FAILURE", "PrincipalDeserializationException"],
  ["FETCH_SESSION_TOPIC_ID_ERROR", "FetchSessionTopicIdException"],
  ["INVALID_REGULAR_EXPRESSION", "InvalidRegularExpression"],
]);

/** The class name of a protocol error's exception, with its package. */
export function exceptionOfError(spec: ErrorSpec): string {
  const camel = spec.name
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
  const regular = camel.endsWith("Exception") ? camel : `${camel}Exception`;
  return `${COMMON_ERRORS}.${irregular.get(spec.name) ?? regular}`;
}

/** A failure that Kafka's tools name by an exception of their own. */
export class JavaException extends Error {
  override readonly name: string = "JavaException";
  readonly exception: string;

  constructor(exception: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exception = exception;
  }
}

/** A value that makes no sense: the commonest failure of a tool's own. */
export function illegalArgument(message: string): JavaException {
  return new JavaException("java.lang.IllegalArgumentException", message);
}

/** An error as `ExecutionException` shows it: what waiting for an answer adds to the answer. */
export function executionFailed(cause: unknown): JavaException {
  return new JavaException("java.util.concurrent.ExecutionException", errorLine(cause), { cause });
}

/** The class name of any error. */
export function exceptionName(error: unknown): string {
  if (error instanceof JavaException) return error.exception;
  const spec = specOf(error);
  if (spec !== null) return exceptionOfError(spec);
  if (error instanceof Error && error.name === "ConfigError") {
    return "org.apache.kafka.common.config.ConfigException";
  }
  return "org.apache.kafka.common.KafkaException";
}

/** The protocol's error behind one, or null: the client's errors and the protocol's own carry it alike. */
export function specOf(error: unknown): ErrorSpec | null {
  return error instanceof Error && "spec" in error ? (error.spec as ErrorSpec) : null;
}

/** The message of any error. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const spec = specOf(error);
  const isOwnText = spec !== null && error.message === spec.meaning;
  return (isOwnText ? kafkaErrorTexts.get(spec.name) : undefined) ?? error.message;
}

/** `class: message`. */
export function errorLine(error: unknown): string {
  return `${exceptionName(error)}: ${errorMessage(error)}`;
}

/** What Kafka's tools print of an error and its causes, without frames; ends in a newline. */
export function errorTrace(error: unknown): string {
  let text = `${errorLine(error)}\n`;
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    text += `Caused by: ${errorLine(cause)}\n`;
  }
  return text;
}

/** Only what a tool gave a cause on purpose: causes of the client's errors are about sockets. */
function causeOf(error: unknown): unknown {
  return error instanceof JavaException ? error.cause : undefined;
}
