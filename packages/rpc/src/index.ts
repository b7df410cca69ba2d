// The door of package rpc.
export type { RpcApi, RpcResult, ServedVersions } from "./rpc-api.ts";
export { RpcConnection, type RpcOptions, type RpcPorts, type SendOptions } from "./rpc-connection.ts";
export { RpcError, type RpcFailure } from "./rpc-error.ts";
export type { RpcObserver } from "./rpc-observer.ts";
