// The door of package rpc.
export {};
