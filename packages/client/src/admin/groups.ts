// Admin calls about groups and their members.
import {
  type ConsumerGroupDescribeResponse,
  DecodeError,
  type DescribeGroupsResponse,
  errorForCode,
  errors,
  type ListGroupsResponse,
  makeConsumerGroupDescribeRequest,
  makeDeleteGroupsRequest,
  makeDescribeGroupsRequest,
  makeLeaveGroupRequest,
  makeLeaveGroupRequestMemberIdentity,
  makeListGroupsRequest,
} from "@ottla/protocol";
import { decodeAssignment } from "../assignors/subscription.ts";
import type { TopicPartition } from "../assignors/topic-partition.ts";
import type { ClusterNode } from "../cluster/cluster-node.ts";
import { KafkaError, kafkaErrorOf } from "../errors/kafka-error.ts";
import type { AdminContext } from "./admin-context.ts";
import type {
  CallOptions,
  GroupDescription,
  GroupListing,
  ListGroupsOptions,
  MemberDescription,
  MemberToRemove,
} from "./admin-types.ts";
import {
  consumerGroupDescribeApi,
  deleteGroupsApi,
  describeGroupsApi,
  leaveGroupApi,
  listGroupsApi,
} from "./apis.ts";
import { askCoordinator, askCoordinators } from "./asking/group-coordinators.ts";
import { operationsOf } from "./authorized-operations.ts";

const CONSUMER_PROTOCOL = "consumer";

/** What a description of a group holds beyond its members. */
export interface DescribeGroupsOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
}

/** Groups of all brokers. Rejects when one of them does not answer. */
export async function listGroups(
  context: AdminContext,
  options: ListGroupsOptions = {},
): Promise<GroupListing[]> {
  const deadlineMs = context.deadlineMs(options);
  const { states = [], types = [], protocolTypes = [] } = options;
  const brokers = await allBrokers(context, deadlineMs);
  const ask = ({ id }: ClusterNode) =>
    context.run(
      {
        name: "listGroups",
        target: context.node(id),
        api: listGroupsApi,
        versionMin: types.length > 0 ? 5 : states.length > 0 ? 4 : 0,
        request: () => makeListGroupsRequest({ statesFilter: [...states], typesFilter: [...types] }),
        handle: (response: ListGroupsResponse) => {
          const error = kafkaErrorOf(response.errorCode);
          if (error !== null) throw error;
          return response.groups;
        },
      },
      deadlineMs,
    );
  const groups = new Map<string, GroupListing>();
  for (const each of (await Promise.all(brokers.map(ask))).flat()) {
    if (protocolTypes.length > 0 && !protocolTypes.includes(each.protocolType)) continue;
    groups.set(each.groupId, {
      groupId: each.groupId,
      protocolType: each.protocolType,
      state: each.groupState,
      type: each.groupType,
      isSimple: each.protocolType === "",
    });
  }
  return [...groups.values()];
}

async function allBrokers(context: AdminContext, deadlineMs: number): Promise<readonly ClusterNode[]> {
  try {
    return await context.brokers("findAllBrokers", deadlineMs);
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    throw new KafkaError(errors.UNKNOWN_SERVER_ERROR, "Failed to find brokers to send ListGroups", { cause });
  }
}

/** Groups of the classic protocol, of whatever protocol type. */
export function describeClassicGroups(
  context: AdminContext,
  groupIds: readonly string[],
  options: DescribeGroupsOptions = {},
): Promise<Map<string, GroupDescription | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  return askCoordinators(groupIds, (groupId) => describeClassic(context, groupId, options, deadlineMs));
}

/** Consumer groups of either protocol: the new one is tried first (KIP-848). */
export function describeConsumerGroups(
  context: AdminContext,
  groupIds: readonly string[],
  options: DescribeGroupsOptions = {},
): Promise<Map<string, GroupDescription | KafkaError>> {
  const deadlineMs = context.deadlineMs(options);
  return askCoordinators(groupIds, async (groupId) => {
    try {
      return await describeConsumer(context, groupId, options, deadlineMs);
    } catch (error) {
      const isClassic =
        error instanceof KafkaError &&
        (error.spec === errors.UNSUPPORTED_VERSION || error.spec === errors.GROUP_ID_NOT_FOUND);
      if (!isClassic) throw error;
    }
    const described = await describeClassic(context, groupId, options, deadlineMs);
    if (described.protocolType === CONSUMER_PROTOCOL || described.protocolType === "") return described;
    throw new KafkaError(
      errors.UNKNOWN_SERVER_ERROR,
      `GroupId ${groupId} is not a consumer group (${described.protocolType}).`,
    );
  });
}

function describeConsumer(
  context: AdminContext,
  groupId: string,
  options: DescribeGroupsOptions,
  deadlineMs: number,
): Promise<GroupDescription> {
  const includeAuthorizedOperations = options.includeAuthorizedOperations ?? false;
  return askCoordinator(context, "describeConsumerGroups", groupId, deadlineMs, (node) =>
    context.runOnce(
      {
        name: "describeConsumerGroups(api=CONSUMER_GROUP_DESCRIBE)",
        target: context.node(node.id),
        api: consumerGroupDescribeApi,
        request: () => makeConsumerGroupDescribeRequest({ groupIds: [groupId], includeAuthorizedOperations }),
        handle: ({ groups }: ConsumerGroupDescribeResponse): GroupDescription => {
          const group = groups.find((each) => each.groupId === groupId);
          throwError(group);
          return {
            groupId,
            type: "Consumer",
            state: group.groupState,
            protocolType: CONSUMER_PROTOCOL,
            assignor: group.assignorName,
            isSimple: false,
            members: group.members.map(consumerMember),
            coordinator: node,
            groupEpoch: group.groupEpoch,
            targetAssignmentEpoch: group.assignmentEpoch,
            authorizedOperations: operationsOf(group.authorizedOperations, includeAuthorizedOperations),
          };
        },
      },
      deadlineMs,
    ),
  );
}

function throwError(
  group: { readonly errorCode: number; readonly errorMessage: string | null } | undefined,
): asserts group is NonNullable<typeof group> {
  if (group === undefined) throw new KafkaError(errors.GROUP_ID_NOT_FOUND);
  const error = kafkaErrorOf(group.errorCode, group.errorMessage);
  if (error !== null) throw error;
}

function consumerMember(member: ConsumerGroupDescribeResponse.Member): MemberDescription {
  const flat = ({ topicPartitions }: ConsumerGroupDescribeResponse.Assignment): TopicPartition[] =>
    topicPartitions.flatMap(({ topicName: topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  return {
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: flat(member.assignment),
    targetAssignment: flat(member.targetAssignment),
    memberEpoch: member.memberEpoch,
    // −1: a broker that does not tell; 0: classic; 1: consumer.
    isClassic: member.memberType === -1 ? null : member.memberType === 0,
  };
}

function describeClassic(
  context: AdminContext,
  groupId: string,
  options: DescribeGroupsOptions,
  deadlineMs: number,
): Promise<GroupDescription> {
  return askCoordinator(context, "describeClassicGroups", groupId, deadlineMs, (node) =>
    context.runOnce(
      {
        name: "describeClassicGroups(api=DESCRIBE_GROUPS)",
        target: context.node(node.id),
        api: describeGroupsApi,
        request: (version: number) =>
          makeDescribeGroupsRequest({
            groups: [groupId],
            includeAuthorizedOperations: version >= 3 && (options.includeAuthorizedOperations ?? false),
          }),
        handle: ({ groups }: DescribeGroupsResponse) => {
          const group = groups.find((each) => each.groupId === groupId);
          throwError(group);
          return classicGroup(group, node, options.includeAuthorizedOperations);
        },
      },
      deadlineMs,
    ),
  );
}

function classicGroup(
  group: DescribeGroupsResponse.DescribedGroup,
  coordinator: ClusterNode,
  wantsOperations: boolean | undefined,
): GroupDescription {
  const isConsumer = group.protocolType === CONSUMER_PROTOCOL;
  return {
    groupId: group.groupId,
    type: "Classic",
    state: group.groupState,
    protocolType: group.protocolType,
    assignor: group.protocolData,
    isSimple: group.protocolType === "",
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      rackId: null,
      clientId: member.clientId,
      host: member.clientHost,
      assignment: isConsumer ? assignedPartitions(member.memberAssignment) : [],
      targetAssignment: null,
      memberEpoch: null,
      isClassic: true,
    })),
    coordinator,
    groupEpoch: null,
    targetAssignmentEpoch: null,
    authorizedOperations: operationsOf(group.authorizedOperations, wantsOperations),
  };
}

/** None for bytes that no assignment is: they are a member's, not the broker's. */
function assignedPartitions(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length === 0) return [];
  try {
    return decodeAssignment(bytes).partitions;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [];
  }
}

export function deleteConsumerGroups(
  context: AdminContext,
  groupIds: readonly string[],
  options: CallOptions = {},
): Promise<Map<string, KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  return askCoordinators(groupIds, (groupId) =>
    askCoordinator(context, "deleteConsumerGroups", groupId, deadlineMs, (node) =>
      context.runOnce(
        {
          name: "deleteConsumerGroups(api=DELETE_GROUPS)",
          target: context.node(node.id),
          api: deleteGroupsApi,
          request: () => makeDeleteGroupsRequest({ groupsNames: [groupId] }),
          handle: ({ results }: ReturnType<typeof deleteGroupsApi.decodeResponse>) => {
            const result = results.find((each) => each.groupId === groupId);
            throwError(result);
            return null;
          },
        },
        deadlineMs,
      ),
    ),
  );
}

/**
 * Makes members leave. Without members: all of them. Results by instance id, or member id for members
 * without one.
 */
export async function removeMembersFromConsumerGroup(
  context: AdminContext,
  groupId: string,
  members: readonly MemberToRemove[],
  options: CallOptions & { readonly reason?: string } = {},
): Promise<Map<string, KafkaError | null>> {
  const deadlineMs = context.deadlineMs(options);
  const leaving = members.length > 0 ? members : await allMembers(context, groupId, deadlineMs);
  if (leaving.length === 0) return new Map();
  const reason = options.reason === undefined ? "member was removed by an admin" : options.reason;
  return askCoordinator(context, "removeMembersFromConsumerGroup", groupId, deadlineMs, (node) =>
    context.runOnce(
      {
        name: "removeMembersFromConsumerGroup(api=LEAVE_GROUP)",
        target: context.node(node.id),
        api: leaveGroupApi,
        versionMin: 3,
        request: (version: number) =>
          makeLeaveGroupRequest({
            groupId,
            members: leaving.map(({ memberId, groupInstanceId }) =>
              makeLeaveGroupRequestMemberIdentity({
                memberId: memberId ?? "",
                groupInstanceId: groupInstanceId ?? null,
                reason: version >= 5 ? reason : null,
              }),
            ),
          }),
        handle: (response: ReturnType<typeof leaveGroupApi.decodeResponse>) => {
          const error = kafkaErrorOf(response.errorCode);
          if (error !== null) throw error;
          return new Map(
            response.members.map(({ memberId, groupInstanceId, errorCode }) => [
              groupInstanceId ?? memberId,
              errorCode === errors.NONE.code ? null : new KafkaError(errorForCode(errorCode)),
            ]),
          );
        },
      },
      deadlineMs,
    ),
  );
}

async function allMembers(
  context: AdminContext,
  groupId: string,
  deadlineMs: number,
): Promise<readonly MemberToRemove[]> {
  const { members } = await describeClassic(context, groupId, {}, deadlineMs);
  return members.map(({ memberId, groupInstanceId }) =>
    groupInstanceId === null ? { memberId } : { groupInstanceId },
  );
}
