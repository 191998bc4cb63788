package io.millrace.broker.handler.topic;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.QueueKeys;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Makes topics that nobody asked for by CreateTopics. Thread-safe. */
public final class Topics {
    /** Where groups and their offsets are kept. */
    public static final String OFFSETS = "__consumer_offsets";

    /** Where transactions are kept. */
    public static final String TRANSACTIONS = "__transaction_state";

    /** Where the state of queues is kept. */
    public static final String SHARE_STATE = "__share_group_state";

    /** Partitions that one request may create, as Kafka bounds them: what it can cost. */
    static final int MOST_NEW_PARTITIONS = 10_000;

    private final MetadataService metadata;
    private final BrokerConfig config;

    public Topics(MetadataService metadata, BrokerConfig config) {
        this.metadata = metadata;
        this.config = config;
    }

    /** The newest image. */
    public ClusterImage image() {
        return metadata.image();
    }

    MetadataService metadata() {
        return metadata;
    }

    BrokerConfig config() {
        return config;
    }

    /** An id for a new topic: random, and none that looks like a command-line option. */
    public static UUID newId() {
        UUID id;
        do {
            id = UUID.randomUUID();
        } while (id.getMostSignificantBits() >>> 58 == 62);
        return id;
    }

    CreateTopic automatic(String name) {
        if (name.equals(TRANSACTIONS)) {
            return transactionsTopic();
        }
        if (name.equals(SHARE_STATE)) {
            return shareStateTopic();
        }
        return name.equals(OFFSETS)
                ? offsetsTopic()
                : new CreateTopic(
                        newId(),
                        name,
                        config.integer(BrokerKeys.NUM_PARTITIONS),
                        config.integer("default.replication.factor"),
                        List.of(),
                        Map.of());
    }

    private CreateTopic offsetsTopic() {
        return new CreateTopic(
                newId(),
                OFFSETS,
                config.integer("offsets.topic.num.partitions"),
                Math.min(3, metadata.image().nodes().size()),
                List.of(),
                Map.of(
                        "cleanup.policy", "compact",
                        "compression.type", "producer",
                        "segment.bytes", config.text("offsets.topic.segment.bytes")));
    }

    private CreateTopic transactionsTopic() {
        int replicas =
                Math.min(
                        config.integer("transaction.state.log.replication.factor"),
                        metadata.image().nodes().size());
        int inSync = Math.min(config.integer("transaction.state.log.min.isr"), replicas);
        return new CreateTopic(
                newId(),
                TRANSACTIONS,
                config.integer("transaction.state.log.num.partitions"),
                replicas,
                List.of(),
                Map.of(
                        "cleanup.policy", "compact",
                        "compression.type", "uncompressed",
                        "unclean.leader.election.enable", "false",
                        "min.insync.replicas", Integer.toString(inSync),
                        "segment.bytes", config.text("transaction.state.log.segment.bytes")));
    }

    private CreateTopic shareStateTopic() {
        return new CreateTopic(
                newId(),
                SHARE_STATE,
                config.integer("share.coordinator.state.topic.num.partitions"),
                Math.min(3, metadata.image().nodes().size()),
                List.of(),
                Map.of(
                        "cleanup.policy", "compact",
                        "compression.type", "producer",
                        "segment.bytes",
                                config.text("share.coordinator.state.topic.segment.bytes")));
    }

    /** Makes the topic that keeps queues if there is none; done when it is there. */
    public CompletableFuture<MetadataService.Outcome> ensureShareStateTopic() {
        return metadata.image().topic(SHARE_STATE) != null
                ? CompletableFuture.completedFuture(
                        new MetadataService.Outcome(List.of(), metadata.image()))
                : metadata.submit(List.of(shareStateTopic()));
    }

    /** Makes a topic that share groups may write their dead letters to. */
    public CompletableFuture<MetadataService.Outcome> createForDeadLetters(String name) {
        CreateTopic plain = automatic(name);
        return metadata.submit(
                List.of(
                        new CreateTopic(
                                plain.id(),
                                name,
                                plain.partitions(),
                                plain.replicationFactor(),
                                List.of(),
                                Map.of(QueueKeys.DEAD_LETTER_ALLOWED, "true"))));
    }

    /** Makes the topic of groups and offsets if there is none; done when it is there. */
    public CompletableFuture<MetadataService.Outcome> ensureOffsetsTopic() {
        return ensure(OFFSETS);
    }

    /** Makes the topic of transactions if there is none; done when it is there. */
    public CompletableFuture<MetadataService.Outcome> ensureTransactionsTopic() {
        return ensure(TRANSACTIONS);
    }

    private CompletableFuture<MetadataService.Outcome> ensure(String name) {
        return metadata.image().topic(name) != null
                ? CompletableFuture.completedFuture(
                        new MetadataService.Outcome(List.of(), metadata.image()))
                : metadata.submit(List.of(automatic(name)));
    }
}
