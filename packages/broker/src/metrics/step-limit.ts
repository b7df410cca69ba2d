// How long a step of the event loop may take. Longer ones are counted by name, so that each offender can be
// found.

/** Milliseconds. */
export const stepMsMax = 5;
