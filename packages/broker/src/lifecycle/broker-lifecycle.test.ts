import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterImage, type MetadataImage } from "@ottla/metadata";
import {
  apiKeys,
  type BrokerHeartbeatRequest,
  type ErrorSpec,
  errors,
  makeBrokerHeartbeatResponse,
  makeBrokerRegistrationResponse,
  makeRegisterBrokerRecord,
  type Offset,
} from "@ottla/protocol";
import type { BrokerServices } from "../broker-services.ts";
import type { PeerResult } from "../peers/peers.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { BrokerLifecycle } from "./broker-lifecycle.ts";

interface Sent {
  readonly apiKey: number;
  readonly request: unknown;
  answer(result: PeerResult<unknown>): void;
}

function harness(settings: Readonly<Record<string, string>> = {}) {
  const { world, broker: services } = controlPlaneBroker({ settings });
  const sent: Sent[] = [];
  const metadata: { image: MetadataImage } = {
    image: { ...services.metadata.image, cluster: ClusterImage.empty },
  };
  const send = (_nodeId: number, apiKey: number, request: unknown, answer: Sent["answer"]): void => {
    sent.push({ apiKey, request, answer });
  };
  const broker = { ...services, metadata, peers: { send } } as unknown as BrokerServices;
  const lifecycle = new BrokerLifecycle(broker, {
    endpoints: [],
    logDirs: [],
    offlineLogDirs: () => [],
    cordonedLogDirs: () => [],
    previousEpoch: -1,
  });
  const outcomes: (Error | null)[] = [];
  lifecycle.start((outcome) => outcomes.push(outcome));
  /** The next request that the broker sends, of this API. */
  const next = (apiKey: number, ms = 60_000): Sent => {
    world.run({ ms, until: () => sent.length > 0 });
    const one = sent.shift();
    assert.equal(one?.apiKey, apiKey);
    return one as Sent;
  };
  const publish = (epoch: number, fenced: boolean): void => {
    const record = makeRegisterBrokerRecord({ brokerId: 1, brokerEpoch: BigInt(epoch), fenced });
    metadata.image = {
      ...metadata.image,
      offset: epoch as Offset,
      cluster: metadata.image.cluster.registerBroker(record),
    };
    lifecycle.imageChanged(metadata.image);
  };
  const register = (epoch: number): void => {
    next(apiKeys.BrokerRegistration).answer(registered(epoch));
    publish(epoch, true);
    next(apiKeys.BrokerHeartbeat).answer(beat({ isFenced: false }));
    publish(epoch, false);
  };
  return { world, lifecycle, sent, outcomes, next, publish, register };
}

function registered(epoch: number): PeerResult<unknown> {
  return { kind: "response", response: makeBrokerRegistrationResponse({ brokerEpoch: BigInt(epoch) }) };
}

function refused(error: ErrorSpec): PeerResult<unknown> {
  const response = makeBrokerRegistrationResponse({ errorCode: error.code, brokerEpoch: -1n });
  return { kind: "response", response };
}

function beat(fields: Parameters<typeof makeBrokerHeartbeatResponse>[0]): PeerResult<unknown> {
  return { kind: "response", response: makeBrokerHeartbeatResponse({ isFenced: false, ...fields }) };
}

test("a broker is active once the image shows it unfenced", () => {
  const h = harness();
  h.next(apiKeys.BrokerRegistration).answer(registered(7));
  h.publish(7, true);
  h.next(apiKeys.BrokerHeartbeat).answer(beat({ isFenced: false }));
  assert.deepEqual(h.outcomes, []);
  h.publish(7, false);
  assert.deepEqual(h.outcomes, [null]);
  assert.equal(h.lifecycle.epoch, 7);
});

test("a refused registration is tried again until its time is up", () => {
  const h = harness({ "initial.broker.registration.timeout.ms": "1000" });
  for (let tries = 0; h.outcomes.length === 0 && tries < 100; tries++) {
    h.next(apiKeys.BrokerRegistration).answer(refused(errors.DUPLICATE_BROKER_REGISTRATION));
  }
  assert.match(String(h.outcomes[0]), /DUPLICATE_BROKER_REGISTRATION/);
});

test("a registration with the wrong cluster is not tried again", () => {
  const h = harness();
  h.next(apiKeys.BrokerRegistration).answer(refused(errors.INCONSISTENT_CLUSTER_ID));
  assert.match(String(h.outcomes[0]), /INCONSISTENT_CLUSTER_ID/);
  h.world.run({ ms: 60_000 });
  assert.equal(h.sent.length, 0);
});

test("heartbeats go out at their interval, one at a time", () => {
  const h = harness({ "broker.heartbeat.interval.ms": "2000" });
  h.register(7);
  const beforeMs = h.world.nowMs;
  const one = h.next(apiKeys.BrokerHeartbeat);
  assert.ok(Math.abs(h.world.nowMs - beforeMs - 2000) < 100);
  h.world.run({ ms: 20_000 });
  assert.equal(h.sent.length, 0, "the next waits for the answer");
  one.answer(beat({}));
  h.next(apiKeys.BrokerHeartbeat);
});

test("a broker whose epoch is stale registers again", () => {
  const h = harness();
  h.register(7);
  h.next(apiKeys.BrokerHeartbeat).answer(beat({ errorCode: errors.STALE_BROKER_EPOCH.code }));
  h.next(apiKeys.BrokerRegistration).answer(registered(9));
  assert.equal(h.lifecycle.epoch, 9);
});

test("a broker that leaves asks until the controller lets it go", () => {
  const h = harness();
  h.register(7);
  let isGone = false;
  h.lifecycle.leave(() => {
    isGone = true;
  });
  const first = h.next(apiKeys.BrokerHeartbeat);
  assert.equal((first.request as BrokerHeartbeatRequest).wantShutDown, true);
  first.answer(beat({ shouldShutDown: false }));
  assert.equal(isGone, false);
  h.next(apiKeys.BrokerHeartbeat).answer(beat({ shouldShutDown: true }));
  assert.equal(isGone, true);
  h.world.run({ ms: 60_000 });
  assert.equal(h.sent.length, 0, "nothing comes after it");
});

test("a broker leaves without consent when the time is up", () => {
  const h = harness();
  h.register(7);
  let isGone = false;
  h.lifecycle.leave(() => {
    isGone = true;
  });
  for (let beats = 0; !isGone && beats < 10_000; beats++) {
    h.next(apiKeys.BrokerHeartbeat).answer(beat({ shouldShutDown: false }));
  }
  assert.equal(isGone, true);
});
