// How long the differential runner waits.
/** For the answer to a well-formed request, in milliseconds. */
export const answerWaitMs = 20_000;
/** After which a peer that neither answers nor closes counts as silent, in milliseconds. */
export const silenceMs = 1_000;
/** Requests that a silent peer answers on other connections before it counts as silent. */
export const silenceProbes = 4;
/** For the leaders of a new topic, in milliseconds. */
export const readyWaitMs = 20_000;
/** Differences printed in full per API; the rest is counted. */
export const differencesPrintedMax = 200;
/** Characters of a value that are printed. */
export const valueCharactersMax = 160;
/** Payload bytes of a record batch shown as hex; longer ones are shown as a digest. */
export const payloadBytesShownMax = 64;
/** Scenarios named behind an allowed difference; one that is met in more is named without them. */
export const allowedScenariosPrintedMax = 12;
/** Times that a peer is started anew, with other ports, when it does not come up. */
export const peerStartAttemptsMax = 3;
