// DescribeTopicPartitions, key 75, version 0. Topics and partitions page by page, with eligible leader
// replicas (KIP-966).
// - No topics means all that the client may describe. Topics come in the order of their names.
// - A page ends after responsePartitionLimit partitions (at least one, at most
// max.request.partition.size.limit); the cursor
//   names the first one not told. A cursor whose topic was not asked for, or with a negative partition, is
//   INVALID_REQUEST.
// - A topic that may not be described is TOPIC_AUTHORIZATION_FAILED and tells nothing, not even that it
// exists.
import type { MetadataImage, TopicImage } from "@ottla/metadata";
import { endsPiece, type Pieces, sortInPieces } from "@ottla/ports";
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  type ErrorSpec,
  errors,
  isInternalTopic,
  KafkaError,
  makeDescribeTopicPartitionsResponse,
  topicNameProblem,
  ZERO_UUID,
} from "@ottla/protocol";
import { authorizedOperations, notRequested } from "../authorizer/authorized-operations.ts";
import type { BrokerServices } from "../broker-services.ts";
import { viewPartition } from "../cluster-view/partition-view.ts";
import type { Reply } from "../dispatch/handler.ts";
import type { RequestContext } from "../dispatch/request-context.ts";

type ResponseTopic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;
type ResponsePartition = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition;

export function handleDescribeTopicPartitions(
  broker: BrokerServices,
  context: RequestContext,
  request: DescribeTopicPartitionsRequest,
  reply: Reply<DescribeTopicPartitionsResponse>,
): void {
  const asked = new Set(request.topics.map(({ name }) => name));
  const { cursor } = request;
  if (cursor !== null) checkCursor(cursor, asked);
  const page = new Page(broker, context, request);
  context.inSlices(describePage(page, context, asked), (denied) =>
    reply(
      makeDescribeTopicPartitionsResponse({
        topics: [...page.topics, ...denied],
        nextCursor: page.nextCursor,
      }),
    ),
  );
}

/** Fills the page; the result is what may not be described. */
function* describePage(
  page: Page,
  context: RequestContext,
  asked: ReadonlySet<string>,
): Pieces<ResponseTopic[]> {
  const denied: ResponseTopic[] = [];
  const described: string[] = [];
  let seen = 0;
  for (const name of asked.size > 0 ? asked : page.image.topics.names()) {
    if (endsPiece(++seen)) yield;
    if (page.isBeforeCursor(name)) continue;
    if (context.isAllowed("DESCRIBE", "TOPIC", name)) described.push(name);
    else if (asked.size > 0) denied.push(failedTopic(errors.TOPIC_AUTHORIZATION_FAILED, name));
  }
  for (const name of yield* sortInPieces(described)) {
    if (!page.add(name)) break;
    yield;
  }
  return denied;
}

export function describeTopicPartitionsErrorReply(
  request: DescribeTopicPartitionsRequest,
  error: ErrorSpec,
): DescribeTopicPartitionsResponse {
  return makeDescribeTopicPartitionsResponse({
    topics: request.topics.map(({ name }) => failedTopic(error, name)),
  });
}

function checkCursor(cursor: DescribeTopicPartitionsRequest.Cursor, asked: ReadonlySet<string>): void {
  if (asked.size > 0 && !asked.has(cursor.topicName)) {
    throw new KafkaError(errors.INVALID_REQUEST, `the topics lack the cursor's topic ${cursor.topicName}`);
  }
  if (cursor.partitionIndex < 0) {
    throw new KafkaError(errors.INVALID_REQUEST, `the cursor's partition is ${cursor.partitionIndex}`);
  }
}

/** One page of partitions being filled. */
class Page {
  readonly topics: ResponseTopic[] = [];
  nextCursor: DescribeTopicPartitionsResponse.Cursor | null = null;
  /** All of the answer comes from it. */
  readonly image: MetadataImage;
  readonly #context: RequestContext;
  readonly #request: DescribeTopicPartitionsRequest;
  #partitionsLeft: number;

  constructor(broker: BrokerServices, context: RequestContext, request: DescribeTopicPartitionsRequest) {
    this.image = broker.metadata.image;
    this.#context = context;
    this.#request = request;
    const max = Math.min(broker.config.maxRequestPartitionSizeLimit, request.responsePartitionLimit);
    this.#partitionsLeft = Math.max(max, 1);
  }

  isBeforeCursor(name: string): boolean {
    const { cursor } = this.#request;
    return cursor !== null && name < cursor.topicName;
  }

  /** False when the page is full; the cursor then says where the next one begins. */
  add(name: string): boolean {
    if (this.#partitionsLeft === 0) {
      this.nextCursor = { topicName: name, partitionIndex: 0 };
      return false;
    }
    const image = this.image.topics.byName(name);
    const topic = image === null ? missingTopic(name) : failedTopic(errors.NONE, name);
    topic.topicAuthorizedOperations = authorizedOperations(this.#context, "TOPIC", name);
    this.topics.push(topic);
    if (image === null) return true;
    topic.topicId = image.id;
    const { cursor } = this.#request;
    const from = cursor !== null && cursor.topicName === name ? cursor.partitionIndex : 0;
    const to = Math.min(image.partitions.length, from + this.#partitionsLeft);
    topic.partitions = this.#partitions(image, from, to);
    this.#partitionsLeft -= topic.partitions.length;
    if (to >= image.partitions.length) return true;
    this.nextCursor = { topicName: name, partitionIndex: to };
    return false;
  }

  #partitions(image: TopicImage, from: number, to: number): ResponsePartition[] {
    const { cluster } = this.image;
    const { listenerName } = this.#context;
    const options = { listenerName, omitsUnavailable: false, namesListener: true };
    return image.partitions.slice(from, to).map((partition, index) => {
      const { error, ...view } = viewPartition(cluster, partition, options);
      return {
        errorCode: error.code,
        partitionIndex: from + index,
        ...view,
        eligibleLeaderReplicas: [...partition.elr],
        lastKnownElr: [...partition.lastKnownElr],
      };
    });
  }
}

function missingTopic(name: string): ResponseTopic {
  const isLegal = topicNameProblem(name) === null;
  return failedTopic(isLegal ? errors.UNKNOWN_TOPIC_OR_PARTITION : errors.INVALID_TOPIC_EXCEPTION, name);
}

function failedTopic(error: ErrorSpec, name: string): ResponseTopic {
  return {
    errorCode: error.code,
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: notRequested,
  };
}
