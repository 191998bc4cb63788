package io.millrace.broker.group.consumer;

import io.millrace.broker.group.consumer.ConsumerMember.Position;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which member has each partition, or has not yet said that it gave it up. Mutable. */
final class Owners {
    private final Map<UUID, Map<Integer, String>> topics = new HashMap<>();

    /** The member that has a partition; null if nobody has. */
    @Nullable String of(UUID topic, int partition) {
        return topics.getOrDefault(topic, Map.of()).get(partition);
    }

    boolean isFreeFor(String member, UUID topic, int partition) {
        String owner = of(topic, partition);
        return owner == null || owner.equals(member);
    }

    void claim(String member, Position position) {
        position.held().forEach((topic, partition, epoch) -> claim(member, topic, partition));
        position.revoking().forEach((topic, partition, epoch) -> claim(member, topic, partition));
    }

    private void claim(String member, UUID topic, int partition) {
        topics.computeIfAbsent(topic, key -> new HashMap<>()).put(partition, member);
    }

    void release(String member, Position position) {
        position.held().forEach((topic, partition, epoch) -> release(member, topic, partition));
        position.revoking().forEach((topic, partition, epoch) -> release(member, topic, partition));
    }

    private void release(String member, UUID topic, int partition) {
        Map<Integer, String> owners = topics.get(topic);
        if (owners != null) {
            owners.remove(partition, member);
            if (owners.isEmpty()) {
                topics.remove(topic);
            }
        }
    }
}
