// The door of package timeline.
export { SnapshotRegistry } from "./snapshot-registry.ts";
export { TimelineCell } from "./timeline-cell.ts";
export { TimelineMap } from "./timeline-map.ts";
export { TimelineSet } from "./timeline-set.ts";
