// What clients are told when the log, not the group, refused an operation: errors of replication mean nothing
// to them.
import { type ErrorSpec, errors } from "@ottla/protocol";

/** The error of a group API for an error of the coordinator's log or runtime. */
export function operationError(error: ErrorSpec): ErrorSpec {
  switch (error) {
    case errors.UNKNOWN_TOPIC_OR_PARTITION:
    case errors.NOT_ENOUGH_REPLICAS:
    case errors.REQUEST_TIMED_OUT:
      return errors.COORDINATOR_NOT_AVAILABLE;
    case errors.NOT_LEADER_OR_FOLLOWER:
    case errors.KAFKA_STORAGE_ERROR:
      return errors.NOT_COORDINATOR;
    case errors.MESSAGE_TOO_LARGE:
    case errors.RECORD_LIST_TOO_LARGE:
    case errors.INVALID_FETCH_SIZE:
      return errors.UNKNOWN_SERVER_ERROR;
    default:
      return error;
  }
}

/** The same for OffsetFetch, whose clients of before 3.9 retry on NOT_COORDINATOR only. */
export function fetchError(error: ErrorSpec): ErrorSpec {
  const mapped = operationError(error);
  return mapped === errors.COORDINATOR_NOT_AVAILABLE && mapped !== error ? errors.NOT_COORDINATOR : mapped;
}
