#!/bin/sh
# Stands in for kafka-topics.sh, as far as the probes of the pack `queue` call it.
#
# Format: `--list` prints one topic a line; `--describe` a line for the topic and one for each partition, indented by a tab and with tabs
# between. A Java machine's own warnings stand before them. A broker that is away: status 1, the reason on standard output and error.
# Source: apache/kafka tools/src/main/java/org/apache/kafka/tools/TopicCommand.java (printDescription, PartitionDescription).
echo 'OpenJDK 64-Bit Server VM warning: Option UseConcMarkSweepGC was deprecated'
if [ -e /srv/down ]; then
  echo 'Error while executing topic command : Timed out waiting for a node assignment. Call: listTopics'
  echo 'org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: listTopics' >&2
  exit 1
fi
case "$*" in
  '--bootstrap-server k1:9092 --list') printf '%s\n' __consumer_offsets orders 'old.orders - marked for deletion' ;;
  '--bootstrap-server k1:9092 --describe --topic orders')
    printf 'Topic: orders\tTopicId: cX2b\tPartitionCount: 3\tReplicationFactor: 2\tConfigs: retention.ms=86400000\n'
    for part in 0 1 2; do printf '\tTopic: orders\tPartition: %s\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\n' $part; done ;;
  '--bootstrap-server k1:9092 --describe --under-replicated-partitions') ;;
  *) echo "Error while executing topic command : the stand-in does not know $*"; exit 1 ;;
esac
