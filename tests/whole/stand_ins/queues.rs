//! Kafka: partitions of a topic, what a group has not read, topics of a cluster.

use super::{Talk, check, drill, host};

const LOST: (&str, &str) = ("Which messages are lost or come twice", "none, ann");

#[test]
fn kafka_counts_partitions_topics_and_what_was_not_read() {
    let partitions: Talk<'_> = &[LOST, ("Partitions of the topic", "3")];
    check(
        "kafka-topics.sh --bootstrap-server k1:9092 --delete --topic orders",
        "PartitionCount: 3",
        partitions,
        "Timed out waiting for a node assignment",
    );
    // A warning of the Java machine is no topic.
    let topics: Talk<'_> = &[LOST, ("Topics on the cluster", "3")];
    check(
        "kafka-topics.sh --bootstrap-server k1:9092 --create --topic x",
        "Partitions with too few copies: 0",
        topics,
        "Timed out waiting for a node assignment",
    );
    let lag: Talk<'_> = &[LOST, ("Messages that the group has not read", "350")];
    check(
        "kafka-consumer-groups.sh --bootstrap-server k1:9092 --delete --group billing",
        "Messages that the group has not read: 350",
        lag,
        "Messages that the group has not read: not seen",
    );
}

#[test]
fn what_a_group_never_committed_is_no_zero() {
    let Some(world) = host() else { return };
    let group = |group| {
        format!("kafka-consumer-groups.sh --bootstrap-server k1:9092 --delete --group {group}")
    };
    let mut pty = drill(&world, &group("fresh"));
    pty.wait_for("Messages that the group has not read: not seen");
    pty.wait_for("of some partitions the group has committed nothing");
    let mut pty = drill(&world, &group("nobody"));
    pty.wait_for("Messages that the group has not read: not seen");
}
