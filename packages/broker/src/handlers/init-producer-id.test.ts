import assert from "node:assert/strict";
import { test } from "node:test";
import {
  errors,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  makeAllocateProducerIdsResponse,
  makeInitProducerIdRequest,
} from "@ottla/protocol";
import { allocateThrough } from "../producer-ids/allocate-block.ts";
import { ProducerIdPool } from "../producer-ids/producer-id-pool.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { handleInitProducerId } from "./init-producer-id.ts";

function initProducerId(
  fields: Partial<InitProducerIdRequest>,
  isAllowed: (operation: string) => boolean = () => true,
): { answers: InitProducerIdResponse[]; asked: ReturnType<typeof controlPlaneBroker>["asked"] } {
  const { broker, asked } = controlPlaneBroker();
  const answers: InitProducerIdResponse[] = [];
  const services = { ...broker, producerIds: new ProducerIdPool(allocateThrough(() => broker)) };
  const context = { apiVersion: 5, isAllowed } as unknown as Parameters<typeof handleInitProducerId>[1];
  handleInitProducerId(services, context, makeInitProducerIdRequest(fields), (response) => {
    assert.ok(response);
    answers.push(response);
  });
  return { answers, asked };
}

test("a producer gets an id of the block that the controller gives this broker", () => {
  const { answers, asked } = initProducerId({ transactionalId: null });
  assert.equal(answers.length, 0);
  assert.equal(asked[0]?.context.apiKey, 67);
  assert.deepEqual({ ...(asked[0]?.request as object) }, { brokerId: 1, brokerEpoch: 5n });
  asked[0]?.answer(makeAllocateProducerIdsResponse({ producerIdStart: 3000n, producerIdLen: 1000 }));
  assert.equal(answers[0]?.errorCode, 0);
  assert.equal(answers[0]?.producerId, 3000n);
  assert.equal(answers[0]?.producerEpoch, 0);
});

test("the id and epoch of before do not matter without a transactional id, as long as both are there", () => {
  const { answers, asked } = initProducerId({ transactionalId: null, producerId: 9n, producerEpoch: 3 });
  asked[0]?.answer(makeAllocateProducerIdsResponse({ producerIdStart: 0n, producerIdLen: 1 }));
  assert.equal(answers[0]?.producerId, 0n);
  for (const fields of [{ producerId: 9n }, { producerEpoch: 3 }]) {
    const half = initProducerId({ transactionalId: null, ...fields }).answers[0];
    assert.equal(half?.errorCode, errors.INVALID_REQUEST.code);
    assert.equal(half?.producerId, -1n);
    assert.equal(half?.producerEpoch, -1);
  }
});

test("a block that is refused, or that makes no sense, is no id", () => {
  for (const response of [
    { errorCode: errors.STALE_BROKER_EPOCH.code },
    { producerIdStart: 5n, producerIdLen: 0 },
    { producerIdStart: -5n, producerIdLen: 10 },
    { producerIdStart: 2n ** 60n, producerIdLen: 10 },
  ]) {
    const { answers, asked } = initProducerId({ transactionalId: null });
    asked[0]?.answer(makeAllocateProducerIdsResponse(response));
    assert.equal(answers[0]?.errorCode, errors.COORDINATOR_LOAD_IN_PROGRESS.code);
  }
});

test("transactional ids have no coordinator here", () => {
  const [named] = initProducerId({ transactionalId: "x" }).answers;
  assert.equal(named?.errorCode, errors.NOT_COORDINATOR.code);
  const [empty] = initProducerId({ transactionalId: "" }).answers;
  assert.equal(empty?.errorCode, errors.INVALID_REQUEST.code);
});

test("who may not is told which right is missing", () => {
  const [idempotent] = initProducerId({ transactionalId: null }, () => false).answers;
  assert.equal(idempotent?.errorCode, errors.CLUSTER_AUTHORIZATION_FAILED.code);
  const [transactional] = initProducerId({ transactionalId: "x" }, () => false).answers;
  assert.equal(transactional?.errorCode, errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code);
});
