// Tests of the names that errors have in Kafka's tools.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, KafkaError } from "@ottla/protocol";
import { errorTrace, exceptionOfError, executionFailed, illegalArgument } from "./java-exception.ts";

test("a protocol error has the name of its exception, also where the two differ", () => {
  const nameOf = (spec: Parameters<typeof exceptionOfError>[0]): string =>
    exceptionOfError(spec).replace("org.apache.kafka.common.errors.", "");
  assert.equal(nameOf(errors.TOPIC_ALREADY_EXISTS), "TopicExistsException");
  assert.equal(nameOf(errors.UNKNOWN_TOPIC_OR_PARTITION), "UnknownTopicOrPartitionException");
  assert.equal(nameOf(errors.INVALID_TOPIC_EXCEPTION), "InvalidTopicException");
  assert.equal(nameOf(errors.NETWORK_EXCEPTION), "NetworkException");
  assert.equal(nameOf(errors.NON_EMPTY_GROUP), "GroupNotEmptyException");
});

test("causes follow line by line, without frames", () => {
  const answer = new KafkaError(errors.INVALID_CONFIG, "Unknown topic config name: x");
  const name = "org.apache.kafka.common.errors.InvalidConfigurationException";
  assert.equal(
    errorTrace(executionFailed(answer)),
    `java.util.concurrent.ExecutionException: ${name}: Unknown topic config name: x\n` +
      `Caused by: ${name}: Unknown topic config name: x\n`,
  );
  assert.equal(errorTrace(illegalArgument("no")), "java.lang.IllegalArgumentException: no\n");
});
