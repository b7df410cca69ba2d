// What ElectLeaders, AlterPartitionReassignments and ListPartitionReassignments answer before the controller
// is asked, and what they ask.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AlterPartitionReassignmentsResponse,
  apiKeys,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  errors,
  makeElectLeadersResponse,
} from "@ottla/protocol";
import { servedApi, testContext } from "../testing/ask.ts";
import {
  askedRequest,
  type ControlPlaneBroker,
  controlPlaneBroker,
} from "../testing/control-plane-broker.ts";

const timedOut = errors.REQUEST_TIMED_OUT.code;

function send<Response>(
  control: ControlPlaneBroker,
  key: number,
  version: number,
  fields: object,
): Response[] {
  const entry = servedApi(key);
  const answers: Response[] = [];
  const context = testContext(control.broker, entry, version);
  const request = entry.codec.makeRequest(fields);
  entry.handler(control.broker, context, request, (response: Response) => answers.push(response));
  return answers;
}

function elect(control: ControlPlaneBroker, version: number, fields: object): ElectLeadersResponse[] {
  return send(control, apiKeys.ElectLeaders, version, fields);
}

const one = [{ topic: "t", partitions: [0] }];

test("an election is the controller's, and version 0 has no error of the whole", () => {
  const control = controlPlaneBroker();
  const answers = elect(control, 0, { topicPartitions: one, timeoutMs: 1000 });
  assert.equal(askedRequest<ElectLeadersRequest>(control).electionType, 0);
  control.asked[0]?.answer(makeElectLeadersResponse({ errorCode: errors.NOT_CONTROLLER.code }));
  assert.deepEqual(
    answers.map(({ errorCode }) => errorCode),
    [0],
  );
});

test("without time nothing is asked; without partitions nothing is to do", () => {
  const control = controlPlaneBroker();
  const [late] = elect(control, 2, { topicPartitions: one, timeoutMs: 0 });
  assert.deepEqual(
    [late?.errorCode, late?.replicaElectionResults[0]?.partitionResult[0]?.errorCode],
    [timedOut, timedOut],
  );
  const [none] = elect(control, 2, { topicPartitions: [], timeoutMs: 0 });
  assert.deepEqual([none?.errorCode, none?.replicaElectionResults], [0, []]);
  const reassign = (topics: object[]): AlterPartitionReassignmentsResponse[] =>
    send(control, apiKeys.AlterPartitionReassignments, 1, { topics, timeoutMs: 0 });
  const partitions = [{ partitionIndex: 0, replicas: [1] }];
  assert.equal(reassign([{ name: "t", partitions }])[0]?.errorCode, timedOut);
  assert.equal(reassign([])[0]?.errorCode, 0);
  assert.equal(control.asked.length, 0);
});

test("a list is asked for whatever the timeout", () => {
  const control = controlPlaneBroker();
  send(control, apiKeys.ListPartitionReassignments, 0, { topics: null, timeoutMs: 0 });
  assert.equal(control.asked.length, 1);
});

test("an election type that does not exist fails the request", () => {
  const control = controlPlaneBroker();
  assert.throws(() => elect(control, 1, { topicPartitions: one, electionType: 2, timeoutMs: 1000 }), {
    spec: errors.INVALID_REQUEST,
  });
});
