package io.millrace.broker.group.assign;

import io.millrace.broker.group.assign.Assignor.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Gives every partition to at least one member and every member at least one partition, where it
 * wants any: partitions are shared where members are more. Members keep what they had up to their
 * part. Used once.
 */
public final class SharingAssignor {
    /** What clients call it. */
    public static final String NAME = "simple";

    private final SortedMap<String, Candidate> members;
    private final Map<UUID, Integer> topics;
    private final Map<UUID, List<String>> subscribers = new TreeMap<>();
    private final Map<UUID, int[]> sharers = new HashMap<>();
    private final Map<String, Partitions.Builder> given = new TreeMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    /**
     * @param members by id
     * @param topics how many partitions each topic has
     */
    public SharingAssignor(SortedMap<String, Candidate> members, Map<UUID, Integer> topics) {
        this.members = members;
        this.topics = topics;
        members.forEach((id, member) -> {
            given.put(id, new Partitions.Builder());
            counts.put(id, 0);
            for (UUID topic : member.topics()) {
                subscribers.computeIfAbsent(topic, key -> new ArrayList<>()).add(id);
            }
        });
        subscribers
                .keySet()
                .forEach(topic -> sharers.put(topic, new int[topics.getOrDefault(topic, 0)]));
    }

    /** What each member gets. */
    public Map<String, Partitions> assign() {
        members.forEach(this::keep);
        subscribers.forEach(this::coverPartitions);
        members.forEach(this::coverMember);
        var assigned = new HashMap<String, Partitions>();
        given.forEach((id, builder) -> assigned.put(id, builder.build()));
        return assigned;
    }

    private void keep(String id, Candidate member) {
        int most = member.topics().stream().mapToInt(this::partOf).sum();
        member.current()
                .forEach((topic, partition) -> {
                    int[] taken = sharers.get(topic);
                    boolean mine =
                            taken != null
                                    && member.topics().contains(topic)
                                    && partition < taken.length
                                    && taken[partition] < sharing(topic)
                                    && count(id) < most;
                    if (mine) {
                        give(id, topic, partition);
                    }
                });
    }

    /** How many members share a partition of the topic, at most. */
    private int sharing(UUID topic) {
        int partitions = topics.getOrDefault(topic, 0);
        int wanting = subscribers.getOrDefault(topic, List.of()).size();
        return partitions == 0 ? 0 : Math.max(1, Math.ceilDiv(wanting, partitions));
    }

    /** A member's part of a topic, rounded up. */
    private int partOf(UUID topic) {
        int wanting = subscribers.getOrDefault(topic, List.of()).size();
        int shares = topics.getOrDefault(topic, 0) * sharing(topic);
        return wanting == 0 ? 0 : Math.ceilDiv(shares, wanting);
    }

    private int count(String id) {
        return counts.getOrDefault(id, 0);
    }

    private void give(String id, UUID topic, int partition) {
        Partitions.Builder mine = given.get(id);
        int[] taken = sharers.get(topic);
        if (mine != null && taken != null) {
            mine.add(topic, partition);
            taken[partition]++;
            counts.merge(id, 1, Integer::sum);
        }
    }

    private void coverPartitions(UUID topic, List<String> wanting) {
        int[] taken = sharers.getOrDefault(topic, new int[0]);
        for (int partition = 0; partition < taken.length; partition++) {
            if (taken[partition] == 0) {
                String least =
                        wanting.stream().min(Comparator.comparingInt(this::count)).orElseThrow();
                give(least, topic, partition);
            }
        }
    }

    private void coverMember(String id, Candidate member) {
        for (UUID topic : member.topics().stream().sorted().toList()) {
            int[] taken = sharers.getOrDefault(topic, new int[0]);
            if (count(id) == 0 && taken.length > 0) {
                int fewest = 0;
                for (int partition = 1; partition < taken.length; partition++) {
                    fewest = taken[partition] < taken[fewest] ? partition : fewest;
                }
                give(id, topic, fewest);
            }
        }
    }
}
