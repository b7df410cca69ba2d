// What a client process can be told to do, by name.
import { fetchAll } from "./fetch.ts";
import { oneByOne } from "./one-by-one.ts";
import { produce } from "./produce.ts";
import { sink } from "./sink.ts";
import { tail } from "./tail.ts";

/** Orders and results are plain data: they cross a process boundary. */
export const tasks = { produce, fetch: fetchAll, sink, tail, oneByOne };

export type TaskName = keyof typeof tasks;
export type OrderOf<Name extends TaskName> = Parameters<(typeof tasks)[Name]>[0];
export type ResultOf<Name extends TaskName> = Awaited<ReturnType<(typeof tasks)[Name]>>;
