package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ConsumerHeartbeat.OwnedTopic;
import io.millrace.broker.group.member.Holding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client says that it has; it may say anything.
 *
 * @param topics null if it does not say
 */
record Owned(@Nullable List<OwnedTopic> topics) {
    /** Whether the client may still have some of it: it says so, or says nothing. */
    boolean mayHaveSomeOf(Holding holding) {
        return topics == null || topics.stream().anyMatch(topic -> hasAny(topic, holding));
    }

    private static boolean hasAny(OwnedTopic topic, Holding holding) {
        return topic.partitions().stream()
                .anyMatch(partition -> holding.contains(topic.topic(), partition));
    }

    /** Whether the client says what it has, and that is no more than it may have. */
    boolean isWithin(Holding holding) {
        return topics != null
                && topics.stream()
                        .allMatch(topic ->
                                topic.partitions().stream()
                                        .allMatch(each -> holding.contains(topic.topic(), each)));
    }
}
