package io.millrace.broker.config;

import io.millrace.broker.config.ConfigKey.Type;
import java.util.List;

/** The broker's keys of transactions, by Kafka's names. */
final class TransactionKeys {
    private static final int MINUTE_MS = 60_000;
    private static final int DAY_MS = 24 * 60 * MINUTE_MS;

    private TransactionKeys() {}

    static List<ConfigKey> all() {
        return List.of(
                ConfigKey.number(
                        "transaction.max.timeout.ms",
                        Type.INT,
                        1,
                        15 * MINUTE_MS,
                        "The longest timeout that a transactional producer may ask for."),
                ConfigKey.number(
                        "transactional.id.expiration.ms",
                        Type.INT,
                        1,
                        7 * DAY_MS,
                        "A transactional id unused for so long is forgotten."),
                ConfigKey.number(
                        "transaction.remove.expired.transaction.cleanup.interval.ms",
                        Type.INT,
                        1,
                        60 * MINUTE_MS,
                        "How often transactional ids to be forgotten are looked for."),
                ConfigKey.number(
                        "transaction.state.log.num.partitions",
                        Type.INT,
                        1,
                        50,
                        "Partitions of the topic that keeps transactions."),
                ConfigKey.number(
                        "transaction.state.log.replication.factor",
                        Type.INT,
                        1,
                        3,
                        "Replicas of that topic, if there are as many nodes."),
                ConfigKey.number(
                        "transaction.state.log.min.isr",
                        Type.INT,
                        1,
                        2,
                        "In-sync replicas that a write to that topic needs."),
                ConfigKey.number(
                        "transaction.state.log.segment.bytes",
                        Type.INT,
                        1024,
                        100 << 20,
                        "Segments of that topic."));
    }
}
