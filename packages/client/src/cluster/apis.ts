// The APIs that the cluster layer itself speaks.
import {
  apiKeys,
  decodeFindCoordinatorResponse,
  decodeMetadataResponse,
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

export const findCoordinatorApi: RpcApi<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: apiKeys.FindCoordinator,
  encodeRequest: encodeFindCoordinatorRequest,
  decodeResponse: decodeFindCoordinatorResponse,
};
