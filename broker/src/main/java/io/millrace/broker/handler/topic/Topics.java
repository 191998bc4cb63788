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
        int replicas = replicas("offsets.topic.replication.factor");
        return internal(
                OFFSETS,
                "offsets.topic.num.partitions",
                replicas,
                Map.of(
                        "cleanup.policy",
                        "compact",
                        "compression.type",
                        "producer",
                        "min.insync.replicas",
                        Integer.toString(allButOne(replicas)),
                        "segment.bytes",
                        config.text("offsets.topic.segment.bytes")));
    }

    private CreateTopic transactionsTopic() {
        int replicas = replicas("transaction.state.log.replication.factor");
        return internal(
                TRANSACTIONS,
                "transaction.state.log.num.partitions",
                replicas,
                Map.of(
                        "cleanup.policy", "compact",
                        "compression.type", "uncompressed",
                        "unclean.leader.election.enable", "false",
                        "min.insync.replicas", inSync("transaction.state.log.min.isr", replicas),
                        "segment.bytes", config.text("transaction.state.log.segment.bytes")));
    }

    private CreateTopic shareStateTopic() {
        int replicas = replicas("share.coordinator.state.topic.replication.factor");
        return internal(
                SHARE_STATE,
                "share.coordinator.state.topic.num.partitions",
                replicas,
                Map.of(
                        "cleanup.policy",
                        "compact",
                        "compression.type",
                        "producer",
                        "min.insync.replicas",
                        inSync("share.coordinator.state.topic.min.isr", replicas),
                        "segment.bytes",
                        config.text("share.coordinator.state.topic.segment.bytes")));
    }

    private CreateTopic internal(
            String name, String partitionsKey, int replicas, Map<String, String> configs) {
        return new CreateTopic(
                newId(), name, config.integer(partitionsKey), replicas, List.of(), configs);
    }

    /** As many as the key says, if there are as many nodes. */
    private int replicas(String key) {
        return Math.max(1, Math.min(config.integer(key), metadata.image().nodes().size()));
    }

    /** What was asked for, if there are as many replicas; else one may be lost. */
    private String inSync(String key, int replicas) {
        int most = config.isSet(key) ? replicas : allButOne(replicas);
        return Integer.toString(Math.min(config.integer(key), most));
    }

    /** How many have to be in sync so that one replica may be lost; two of three. */
    private static int allButOne(int replicas) {
        return Math.clamp(replicas - 1, 1, 2);
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
