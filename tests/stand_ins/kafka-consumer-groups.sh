#!/bin/sh
# Stands in for kafka-consumer-groups.sh, as far as the probes of the pack `queue` call it.
#
# Format: an empty line, a head (GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID), one line a partition; a
# group that has committed nothing has `-` for its offset and lag. A group that is not there is told on standard output, with status 0 or 1.
# Source: apache/kafka tools/src/main/java/org/apache/kafka/tools/consumer/group/ConsumerGroupCommand.java (printOffsets, printError).
if [ -e /srv/down ]; then
  printf '\nError: Executing consumer group command failed due to org.apache.kafka.common.errors.TimeoutException\n'
  exit 0
fi
head='GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID'
case "$*" in
  '--bootstrap-server k1:9092 --describe --group billing')
    printf '\n%s\n' "$head"
    echo 'billing orders 0 1200 1500 300 consumer-1-ab /10.0.0.5 consumer-1'
    echo 'billing orders 1 1450 1500 50 consumer-1-ab /10.0.0.5 consumer-1' ;;
  '--bootstrap-server k1:9092 --describe --group fresh')
    printf '\n%s\n' "$head"
    echo 'fresh orders 0 1200 1200 0 - - -'
    echo 'fresh orders 1 - 1500 - - - -' ;;
  '--bootstrap-server k1:9092 --describe --all-groups')
    printf '\n%s\n' "$head"
    echo 'billing orders 0 1200 1500 300 - - -' ;;
  *) printf "\nError: Consumer group '%s' does not exist.\n" "$5" ;;
esac
