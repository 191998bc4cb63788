package io.millrace.broker.handler.topic;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ClusterSettings;
import io.millrace.broker.config.QueueKeys;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Growth;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntUnaryOperator;

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
        return internal(
                OFFSETS,
                "offsets.topic.num.partitions",
                "offsets.topic.replication.factor",
                Growth::allButOne,
                Map.of(
                        "cleanup.policy",
                        "compact",
                        "compression.type",
                        "producer",
                        "segment.bytes",
                        config.text("offsets.topic.segment.bytes")));
    }

    private CreateTopic transactionsTopic() {
        return internal(
                TRANSACTIONS,
                "transaction.state.log.num.partitions",
                "transaction.state.log.replication.factor",
                replicas -> inSync("transaction.state.log.min.isr", replicas),
                Map.of(
                        "cleanup.policy", "compact",
                        "compression.type", "uncompressed",
                        "unclean.leader.election.enable", "false",
                        "segment.bytes", config.text("transaction.state.log.segment.bytes")));
    }

    private CreateTopic shareStateTopic() {
        return internal(
                SHARE_STATE,
                "share.coordinator.state.topic.num.partitions",
                "share.coordinator.state.topic.replication.factor",
                replicas -> inSync("share.coordinator.state.topic.min.isr", replicas),
                Map.of(
                        "cleanup.policy",
                        "compact",
                        "compression.type",
                        "producer",
                        "segment.bytes",
                        config.text("share.coordinator.state.topic.segment.bytes")));
    }

    /**
     * As many replicas as the key says; while there are fewer nodes, one on each, and the topic
     * grows with them.
     */
    private CreateTopic internal(
            String name,
            String partitionsKey,
            String replicasKey,
            IntUnaryOperator minInSync,
            Map<String, String> configs) {
        int wanted = config.integer(replicasKey);
        int replicas = Math.clamp(metadata.image().nodes().size(), 1, wanted);
        var all = new TreeMap<>(configs);
        all.put("min.insync.replicas", Integer.toString(minInSync.applyAsInt(replicas)));
        if (replicas < wanted && ClusterSettings.of(config).isClustered()) {
            all.putAll(Growth.settings(wanted, minInSync.applyAsInt(wanted)));
        }
        return new CreateTopic(
                newId(), name, config.integer(partitionsKey), replicas, List.of(), all);
    }

    /** What was asked for, if there are as many replicas; else one may be lost. */
    private int inSync(String key, int replicas) {
        int most = config.isSet(key) ? replicas : Growth.allButOne(replicas);
        return Math.min(config.integer(key), most);
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
