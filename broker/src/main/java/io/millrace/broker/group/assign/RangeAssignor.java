package io.millrace.broker.group.assign;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Gives each member a run of neighbouring partitions of each topic: members that subscribe to the
 * same topics get the same numbers of each, so that equal keys of several topics meet.
 */
public final class RangeAssignor implements Assignor {
    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, Partitions> assign(
            SortedMap<String, Candidate> members, Map<UUID, Integer> topics) {
        var gathered = new HashMap<String, Partitions.Builder>();
        members.keySet().forEach(id -> gathered.put(id, new Partitions.Builder()));
        subscribers(members)
                .forEach((topic, subscribers) ->
                        share(topic, topics.getOrDefault(topic, 0), subscribers, gathered));
        var assigned = new HashMap<String, Partitions>();
        gathered.forEach((id, builder) -> assigned.put(id, builder.build()));
        return assigned;
    }

    /** Who subscribes to each topic: static members by their instance, then the others by id. */
    private static Map<UUID, List<String>> subscribers(SortedMap<String, Candidate> members) {
        var ordered = new ArrayList<>(members.entrySet());
        Comparator<Map.Entry<String, Candidate>> byInstance =
                Comparator.comparing(
                        member -> member.getValue().instanceId(),
                        Comparator.nullsLast(Comparator.naturalOrder()));
        ordered.sort(byInstance.thenComparing(Map.Entry::getKey));
        var subscribers = new TreeMap<UUID, List<String>>();
        for (var member : ordered) {
            for (UUID topic : member.getValue().topics()) {
                subscribers.computeIfAbsent(topic, key -> new ArrayList<>()).add(member.getKey());
            }
        }
        return subscribers;
    }

    private static void share(
            UUID topic,
            int partitions,
            List<String> subscribers,
            Map<String, Partitions.Builder> gathered) {
        int quota = partitions / subscribers.size();
        int larger = partitions % subscribers.size();
        int next = 0;
        for (int i = 0; i < subscribers.size(); i++) {
            int end = next + quota + (i < larger ? 1 : 0);
            Partitions.Builder mine = gathered.get(subscribers.get(i));
            for (; mine != null && next < end; next++) {
                mine.add(topic, next);
            }
        }
    }
}
