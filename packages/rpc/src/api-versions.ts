// The first exchange on a connection. A broker that does not have the tried version answers in version 0 with
// UNSUPPORTED_VERSION and, since KIP-511, with the versions of ApiVersions that it has.
import {
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  apiKeys,
  decodeApiVersionsResponse,
  encodeApiVersionsRequest,
  errorForCode,
  errors,
  makeApiVersionsRequest,
  type Reader,
} from "@ottla/protocol";
import type { RpcApi } from "./rpc-api.ts";

/** ApiVersions, with an answer in version 0 understood whatever was asked. */
export const apiVersionsApi: RpcApi<ApiVersionsRequest, ApiVersionsResponse> = {
  key: apiKeys.ApiVersions,
  encodeRequest: encodeApiVersionsRequest,
  decodeResponse(reader: Reader, version: number): ApiVersionsResponse {
    const errorCode = reader.view.getInt16(reader.skip(2));
    reader.offset -= 2;
    return decodeApiVersionsResponse(reader, errorCode === errors.UNSUPPORTED_VERSION.code ? 0 : version);
  },
};

/** The request of a client that names its software. */
export function apiVersionsRequest(software: {
  readonly softwareName: string;
  readonly softwareVersion: string;
}): ApiVersionsRequest {
  return makeApiVersionsRequest({
    clientSoftwareName: software.softwareName,
    clientSoftwareVersion: software.softwareVersion,
  });
}

/** Which version to ask next, or what is wrong; both null when the answer is the answer. */
export function decodeFirstAnswer(
  response: ApiVersionsResponse,
  version: number,
): { readonly fallback: number | null; readonly error: string | null } {
  if (response.errorCode === errors.NONE.code) return { fallback: null, error: null };
  const spec = errorForCode(response.errorCode);
  if (spec !== errors.UNSUPPORTED_VERSION || version === 0) {
    return { fallback: null, error: `ApiVersions was answered with ${spec.name}` };
  }
  const own = response.apiKeys.find(({ apiKey }) => apiKey === apiKeys.ApiVersions);
  const fallback = own === undefined || own.maxVersion >= version || own.maxVersion < 0 ? 0 : own.maxVersion;
  return { fallback, error: null };
}
