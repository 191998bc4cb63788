package io.millrace.broker.handler;

import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.metadata.TopicImage;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the controller says, in Kafka's terms. Stateless. */
public final class MetadataErrors {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataErrors.class);
    private static final Set<String> INTERNAL =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

    private MetadataErrors() {}

    /** The code of a refusal. */
    public static Errors of(Reason reason) {
        return switch (reason) {
            case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case UNKNOWN_TOPIC -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case UNKNOWN_TOPIC_ID -> Errors.UNKNOWN_TOPIC_ID;
            case INVALID_TOPIC -> Errors.INVALID_TOPIC_EXCEPTION;
            case INVALID_PARTITIONS -> Errors.INVALID_PARTITIONS;
            case INVALID_REPLICATION_FACTOR -> Errors.INVALID_REPLICATION_FACTOR;
            case INVALID_REPLICA_ASSIGNMENT -> Errors.INVALID_REPLICA_ASSIGNMENT;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case INVALID_REQUEST -> Errors.INVALID_REQUEST;
        };
    }

    /** Whether the topic is the brokers' own. */
    public static boolean isInternal(TopicImage topic) {
        return isInternal(topic.name());
    }

    /** Whether a topic of that name is the brokers' own. */
    public static boolean isInternal(String topic) {
        return INTERNAL.contains(topic);
    }

    /** Goes on with the outcome of commands, or fails the request if they cannot be stored. */
    public static void whenDone(
            CompletableFuture<MetadataService.Outcome> future,
            Request request,
            Consumer<MetadataService.Outcome> then) {
        var _ =
                future.whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        LOG.error("The metadata cannot be stored: {}", failure.getMessage());
                        request.fail(new KafkaStorageException("the metadata cannot be stored"));
                        return;
                    }
                    try {
                        then.accept(outcome);
                    } catch (RuntimeException e) {
                        LOG.error("A request failed here: please report it", e);
                        request.fail(e);
                    }
                });
    }
}
