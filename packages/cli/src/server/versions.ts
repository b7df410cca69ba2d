// What this program calls itself, and the release of Apache Kafka whose behaviour it has.

export const OTTLA_VERSION = "0.1.0";
export const KAFKA_VERSION = "4.3.1";
