#!/bin/sh
# Notes written before Kafka 4.0 stop ZooKeeper last: says in its words that there is none.
echo "No zookeeper server to stop"
echo "Brokers keep the cluster's metadata themselves; bin/kafka-server-stop.sh is all there is to type." >&2
exit 1
