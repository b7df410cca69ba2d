#!/bin/sh
# Notes written before Kafka 4.0 start ZooKeeper first: says what to type instead. Nothing is started.
cat >&2 <<'END'
There is no ZooKeeper to start: brokers keep the cluster's metadata themselves. Once, for a new data directory, type
  bin/kafka-storage.sh format --standalone -t "$(bin/kafka-storage.sh random-uuid)" -c config/server.properties
and then, in place of this line and of the one that starts the broker,
  bin/kafka-server-start.sh config/server.properties
Tools that ask for --zookeeper take --bootstrap-server localhost:9092.
END
exit 1
