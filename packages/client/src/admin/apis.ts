// The APIs that admin calls speak.
import {
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  apiKeys,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
  type DescribeQuorumRequest,
  type DescribeQuorumResponse,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  decodeAlterPartitionReassignmentsResponse,
  decodeApiVersionsResponse,
  decodeConsumerGroupDescribeResponse,
  decodeCreatePartitionsResponse,
  decodeCreateTopicsResponse,
  decodeDeleteGroupsResponse,
  decodeDeleteRecordsResponse,
  decodeDeleteTopicsResponse,
  decodeDescribeConfigsResponse,
  decodeDescribeGroupsResponse,
  decodeDescribeLogDirsResponse,
  decodeDescribeQuorumResponse,
  decodeDescribeTopicPartitionsResponse,
  decodeElectLeadersResponse,
  decodeIncrementalAlterConfigsResponse,
  decodeLeaveGroupResponse,
  decodeListConfigResourcesResponse,
  decodeListGroupsResponse,
  decodeListOffsetsResponse,
  decodeListPartitionReassignmentsResponse,
  decodeOffsetCommitResponse,
  decodeOffsetDeleteResponse,
  decodeOffsetFetchResponse,
  decodeUnregisterBrokerResponse,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  encodeAlterPartitionReassignmentsRequest,
  encodeApiVersionsRequest,
  encodeConsumerGroupDescribeRequest,
  encodeCreatePartitionsRequest,
  encodeCreateTopicsRequest,
  encodeDeleteGroupsRequest,
  encodeDeleteRecordsRequest,
  encodeDeleteTopicsRequest,
  encodeDescribeConfigsRequest,
  encodeDescribeGroupsRequest,
  encodeDescribeLogDirsRequest,
  encodeDescribeQuorumRequest,
  encodeDescribeTopicPartitionsRequest,
  encodeElectLeadersRequest,
  encodeIncrementalAlterConfigsRequest,
  encodeLeaveGroupRequest,
  encodeListConfigResourcesRequest,
  encodeListGroupsRequest,
  encodeListOffsetsRequest,
  encodeListPartitionReassignmentsRequest,
  encodeOffsetCommitRequest,
  encodeOffsetDeleteRequest,
  encodeOffsetFetchRequest,
  encodeUnregisterBrokerRequest,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
  type ListGroupsRequest,
  type ListGroupsResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type UnregisterBrokerRequest,
  type UnregisterBrokerResponse,
} from "@ottla/protocol";
import type { RpcApi } from "@ottla/rpc";

export const apiVersionsApi: RpcApi<ApiVersionsRequest, ApiVersionsResponse> = {
  key: apiKeys.ApiVersions,
  encodeRequest: encodeApiVersionsRequest,
  decodeResponse: decodeApiVersionsResponse,
};

export const alterPartitionReassignmentsApi: RpcApi<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse
> = {
  key: apiKeys.AlterPartitionReassignments,
  encodeRequest: encodeAlterPartitionReassignmentsRequest,
  decodeResponse: decodeAlterPartitionReassignmentsResponse,
};

export const consumerGroupDescribeApi: RpcApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: apiKeys.ConsumerGroupDescribe,
  encodeRequest: encodeConsumerGroupDescribeRequest,
  decodeResponse: decodeConsumerGroupDescribeResponse,
};

export const createPartitionsApi: RpcApi<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: apiKeys.CreatePartitions,
  encodeRequest: encodeCreatePartitionsRequest,
  decodeResponse: decodeCreatePartitionsResponse,
};

export const createTopicsApi: RpcApi<CreateTopicsRequest, CreateTopicsResponse> = {
  key: apiKeys.CreateTopics,
  encodeRequest: encodeCreateTopicsRequest,
  decodeResponse: decodeCreateTopicsResponse,
};

export const deleteGroupsApi: RpcApi<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: apiKeys.DeleteGroups,
  encodeRequest: encodeDeleteGroupsRequest,
  decodeResponse: decodeDeleteGroupsResponse,
};

export const deleteRecordsApi: RpcApi<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: apiKeys.DeleteRecords,
  encodeRequest: encodeDeleteRecordsRequest,
  decodeResponse: decodeDeleteRecordsResponse,
};

export const deleteTopicsApi: RpcApi<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: apiKeys.DeleteTopics,
  encodeRequest: encodeDeleteTopicsRequest,
  decodeResponse: decodeDeleteTopicsResponse,
};

export const describeConfigsApi: RpcApi<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: apiKeys.DescribeConfigs,
  encodeRequest: encodeDescribeConfigsRequest,
  decodeResponse: decodeDescribeConfigsResponse,
};

export const describeGroupsApi: RpcApi<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: apiKeys.DescribeGroups,
  encodeRequest: encodeDescribeGroupsRequest,
  decodeResponse: decodeDescribeGroupsResponse,
};

export const describeLogDirsApi: RpcApi<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: apiKeys.DescribeLogDirs,
  encodeRequest: encodeDescribeLogDirsRequest,
  decodeResponse: decodeDescribeLogDirsResponse,
};

export const describeQuorumApi: RpcApi<DescribeQuorumRequest, DescribeQuorumResponse> = {
  key: apiKeys.DescribeQuorum,
  encodeRequest: encodeDescribeQuorumRequest,
  decodeResponse: decodeDescribeQuorumResponse,
};

export const describeTopicPartitionsApi: RpcApi<
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse
> = {
  key: apiKeys.DescribeTopicPartitions,
  encodeRequest: encodeDescribeTopicPartitionsRequest,
  decodeResponse: decodeDescribeTopicPartitionsResponse,
};

export const electLeadersApi: RpcApi<ElectLeadersRequest, ElectLeadersResponse> = {
  key: apiKeys.ElectLeaders,
  encodeRequest: encodeElectLeadersRequest,
  decodeResponse: decodeElectLeadersResponse,
};

export const incrementalAlterConfigsApi: RpcApi<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
> = {
  key: apiKeys.IncrementalAlterConfigs,
  encodeRequest: encodeIncrementalAlterConfigsRequest,
  decodeResponse: decodeIncrementalAlterConfigsResponse,
};

export const leaveGroupApi: RpcApi<LeaveGroupRequest, LeaveGroupResponse> = {
  key: apiKeys.LeaveGroup,
  encodeRequest: encodeLeaveGroupRequest,
  decodeResponse: decodeLeaveGroupResponse,
};

export const listConfigResourcesApi: RpcApi<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  key: apiKeys.ListConfigResources,
  encodeRequest: encodeListConfigResourcesRequest,
  decodeResponse: decodeListConfigResourcesResponse,
};

export const listGroupsApi: RpcApi<ListGroupsRequest, ListGroupsResponse> = {
  key: apiKeys.ListGroups,
  encodeRequest: encodeListGroupsRequest,
  decodeResponse: decodeListGroupsResponse,
};

export const listOffsetsApi: RpcApi<ListOffsetsRequest, ListOffsetsResponse> = {
  key: apiKeys.ListOffsets,
  encodeRequest: encodeListOffsetsRequest,
  decodeResponse: decodeListOffsetsResponse,
};

export const listPartitionReassignmentsApi: RpcApi<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
> = {
  key: apiKeys.ListPartitionReassignments,
  encodeRequest: encodeListPartitionReassignmentsRequest,
  decodeResponse: decodeListPartitionReassignmentsResponse,
};

export const offsetCommitApi: RpcApi<OffsetCommitRequest, OffsetCommitResponse> = {
  key: apiKeys.OffsetCommit,
  encodeRequest: encodeOffsetCommitRequest,
  decodeResponse: decodeOffsetCommitResponse,
};

export const offsetDeleteApi: RpcApi<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: apiKeys.OffsetDelete,
  encodeRequest: encodeOffsetDeleteRequest,
  decodeResponse: decodeOffsetDeleteResponse,
};

export const offsetFetchApi: RpcApi<OffsetFetchRequest, OffsetFetchResponse> = {
  key: apiKeys.OffsetFetch,
  encodeRequest: encodeOffsetFetchRequest,
  decodeResponse: decodeOffsetFetchResponse,
};

export const unregisterBrokerApi: RpcApi<UnregisterBrokerRequest, UnregisterBrokerResponse> = {
  key: apiKeys.UnregisterBroker,
  encodeRequest: encodeUnregisterBrokerRequest,
  decodeResponse: decodeUnregisterBrokerResponse,
};
