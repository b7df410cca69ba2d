// The APIs that a consumer speaks, as package rpc wants them.
import {
  apiKeys,
  decodeFetchResponse,
  decodeHeartbeatResponse,
  decodeJoinGroupResponse,
  decodeLeaveGroupResponse,
  decodeListOffsetsResponse,
  decodeOffsetCommitResponse,
  decodeOffsetFetchResponse,
  decodeOffsetForLeaderEpochResponse,
  decodeSyncGroupResponse,
  encodeFetchRequest,
  encodeHeartbeatRequest,
  encodeJoinGroupRequest,
  encodeLeaveGroupRequest,
  encodeListOffsetsRequest,
  encodeOffsetCommitRequest,
  encodeOffsetFetchRequest,
  encodeOffsetForLeaderEpochRequest,
  encodeSyncGroupRequest,
  type FetchRequest,
  type FetchResponse,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from "@ottla/protocol";
import type { RpcApi } from "@ottla/rpc";

export const fetchApi: RpcApi<FetchRequest, FetchResponse> = {
  key: apiKeys.Fetch,
  encodeRequest: encodeFetchRequest,
  decodeResponse: decodeFetchResponse,
};

export const listOffsetsApi: RpcApi<ListOffsetsRequest, ListOffsetsResponse> = {
  key: apiKeys.ListOffsets,
  encodeRequest: encodeListOffsetsRequest,
  decodeResponse: decodeListOffsetsResponse,
};

export const offsetForLeaderEpochApi: RpcApi<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: apiKeys.OffsetForLeaderEpoch,
  encodeRequest: encodeOffsetForLeaderEpochRequest,
  decodeResponse: decodeOffsetForLeaderEpochResponse,
};

export const offsetCommitApi: RpcApi<OffsetCommitRequest, OffsetCommitResponse> = {
  key: apiKeys.OffsetCommit,
  encodeRequest: encodeOffsetCommitRequest,
  decodeResponse: decodeOffsetCommitResponse,
};

export const offsetFetchApi: RpcApi<OffsetFetchRequest, OffsetFetchResponse> = {
  key: apiKeys.OffsetFetch,
  encodeRequest: encodeOffsetFetchRequest,
  decodeResponse: decodeOffsetFetchResponse,
};

export const joinGroupApi: RpcApi<JoinGroupRequest, JoinGroupResponse> = {
  key: apiKeys.JoinGroup,
  encodeRequest: encodeJoinGroupRequest,
  decodeResponse: decodeJoinGroupResponse,
};

export const syncGroupApi: RpcApi<SyncGroupRequest, SyncGroupResponse> = {
  key: apiKeys.SyncGroup,
  encodeRequest: encodeSyncGroupRequest,
  decodeResponse: decodeSyncGroupResponse,
};

export const heartbeatApi: RpcApi<HeartbeatRequest, HeartbeatResponse> = {
  key: apiKeys.Heartbeat,
  encodeRequest: encodeHeartbeatRequest,
  decodeResponse: decodeHeartbeatResponse,
};

export const leaveGroupApi: RpcApi<LeaveGroupRequest, LeaveGroupResponse> = {
  key: apiKeys.LeaveGroup,
  encodeRequest: encodeLeaveGroupRequest,
  decodeResponse: decodeLeaveGroupResponse,
};
