// The door of package client.
export {};
