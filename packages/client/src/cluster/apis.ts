// The APIs that the cluster layer itself speaks.
import {
  apiKeys,
  type DescribeClusterRequest,
  type DescribeClusterResponse,
  decodeDescribeClusterResponse,
  decodeFindCoordinatorResponse,
  decodeMetadataResponse,
  encodeDescribeClusterRequest,
  encodeFindCoordinatorRequest,
  encodeMetadataRequest,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
  type MetadataRequest,
  type MetadataResponse,
} from "@ottla/protocol";
import type { RpcApi } from "@ottla/rpc";

export const metadataApi: RpcApi<MetadataRequest, MetadataResponse> = {
  key: apiKeys.Metadata,
  encodeRequest: encodeMetadataRequest,
  decodeResponse: decodeMetadataResponse,
};

export const describeClusterApi: RpcApi<DescribeClusterRequest, DescribeClusterResponse> = {
  key: apiKeys.DescribeCluster,
  encodeRequest: encodeDescribeClusterRequest,
  decodeResponse: decodeDescribeClusterResponse,
};

export const findCoordinatorApi: RpcApi<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: apiKeys.FindCoordinator,
  encodeRequest: encodeFindCoordinatorRequest,
  decodeResponse: decodeFindCoordinatorResponse,
};
