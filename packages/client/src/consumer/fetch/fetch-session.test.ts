import assert from "node:assert/strict";
import { test } from "node:test";
import { errors, type Uuid } from "@ottla/protocol";
import { FetchSession, fetchTopics, type SessionPartition, type SessionRequest } from "./fetch-session.ts";

const ID = "AAAAAAAAAAAAAAAAAAAAAQ" as Uuid;
const OTHER_ID = "AAAAAAAAAAAAAAAAAAAAAg" as Uuid;

function partition(index: number, fetchOffset: number, topicId: Uuid = ID): SessionPartition {
  return {
    topic: "t",
    topicId,
    partition: index,
    fetchOffset,
    currentLeaderEpoch: 0,
    lastFetchedEpoch: -1,
    partitionMaxBytes: 100,
  };
}

const wanted = (...list: readonly SessionPartition[]): Map<string, SessionPartition> =>
  new Map(list.map((each) => [`t-${each.partition}`, each]));

const brief = ({ sessionId, sessionEpoch, toSend, toForget }: SessionRequest): string =>
  `${sessionId}/${sessionEpoch} ${toSend.map((each) => `${each.partition}@${each.fetchOffset}`).join(" ")} - ` +
  toForget.map((each) => each.partition).join(" ");

test("after a full request only what is new or changed is sent, and what left is forgotten", () => {
  const session = new FetchSession();
  assert.equal(brief(session.next(wanted(partition(0, 0), partition(1, 0)))), "0/0 0@0 1@0 - ");
  assert.ok(session.answered(0, 7));
  assert.equal(brief(session.next(wanted(partition(0, 5), partition(1, 0)))), "7/1 0@5 - ");
  assert.ok(session.answered(0, 7));
  assert.equal(brief(session.next(wanted(partition(1, 0), partition(2, 3)))), "7/2 2@3 - 0");
});

test("a session that the broker lost begins anew with everything", () => {
  const session = new FetchSession();
  session.next(wanted(partition(0, 0)));
  session.answered(0, 7);
  session.next(wanted(partition(0, 1)));
  assert.equal(session.answered(errors.FETCH_SESSION_ID_NOT_FOUND.code, 0), false);
  assert.equal(brief(session.next(wanted(partition(0, 1), partition(1, 0)))), "0/0 0@1 1@0 - ");
  session.answered(0, 8);
  session.next(wanted(partition(0, 2)));
  session.answered(errors.INVALID_FETCH_SESSION_EPOCH.code, 0);
  assert.equal(brief(session.next(wanted(partition(0, 2)))), "8/0 0@2 - ", "the old session is named to go");
});

test("a request whose fate is unknown is followed by a full one", () => {
  const session = new FetchSession();
  session.next(wanted(partition(0, 0)));
  session.answered(0, 7);
  session.next(wanted(partition(0, 1)));
  session.failed();
  assert.equal(brief(session.next(wanted(partition(0, 1)))), "7/0 0@1 - ");
});

test("a topic that was made again is forgotten by its old id and sent by its new one", () => {
  const session = new FetchSession();
  session.next(wanted(partition(0, 9)));
  session.answered(0, 7);
  const request = session.next(wanted(partition(0, 0, OTHER_ID)));
  assert.deepEqual([request.toForget[0]?.topicId, request.toSend[0]?.topicId], [ID, OTHER_ID]);
});

test("a broker that keeps no session is asked for everything each time", () => {
  const session = new FetchSession();
  session.next(wanted(partition(0, 0)));
  session.answered(0, 0);
  assert.equal(session.isOpen, false);
  assert.equal(brief(session.next(wanted(partition(0, 1)))), "0/0 0@1 - ");
});

test("topics go by name before version 13 and by id from it on", () => {
  const [byName] = fetchTopics([partition(0, 1), partition(1, 2)], 12);
  assert.deepEqual([byName?.topic, byName?.partitions.length], ["t", 2]);
  const [byId] = fetchTopics([partition(0, 1)], 13);
  assert.deepEqual([byId?.topic, byId?.topicId], ["", ID]);
});
