package io.millrace.broker.handler;

import io.millrace.broker.wire.Request;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.quorum.NotControllerException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
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
            case UNKNOWN_NODE -> Errors.BROKER_ID_NOT_REGISTERED;
            case DUPLICATE_NODE -> Errors.DUPLICATE_BROKER_REGISTRATION;
            case STALE_NODE_EPOCH -> Errors.STALE_BROKER_EPOCH;
            case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case INVALID_UPDATE_VERSION -> Errors.INVALID_UPDATE_VERSION;
            case INELIGIBLE_REPLICA -> Errors.INELIGIBLE_REPLICA;
            case ELECTION_NOT_NEEDED -> Errors.ELECTION_NOT_NEEDED;
            case PREFERRED_LEADER_NOT_AVAILABLE -> Errors.PREFERRED_LEADER_NOT_AVAILABLE;
            case ELIGIBLE_LEADERS_NOT_AVAILABLE -> Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
            case NO_REASSIGNMENT_IN_PROGRESS -> Errors.NO_REASSIGNMENT_IN_PROGRESS;
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

    private static boolean isWithoutController(@Nullable Throwable failure) {
        return failure instanceof NotControllerException
                || failure instanceof CompletionException e
                        && e.getCause() instanceof NotControllerException;
    }

    /** Goes on with the outcome of commands, or fails the request if they cannot be stored. */
    public static void whenDone(
            CompletableFuture<MetadataService.Outcome> future,
            Request request,
            Consumer<MetadataService.Outcome> then) {
        var _ =
                future.whenComplete((outcome, failure) -> {
                    if (isWithoutController(failure)) {
                        LOG.warn("No controller took a request: {}", failure.getMessage());
                        request.fail(new TimeoutException("no controller was found in time"));
                        return;
                    }
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
