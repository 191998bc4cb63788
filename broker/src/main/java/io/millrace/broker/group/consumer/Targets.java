package io.millrace.broker.group.consumer;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.assign.Assignor;
import io.millrace.broker.group.assign.Assignors;
import io.millrace.broker.group.assign.Partitions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Works out what each member of a group is to have. Changes nothing. */
record Targets(ConsumerGroup group, ClusterView cluster) {
    Map<String, Partitions> make() {
        var members = new TreeMap<String, Assignor.Candidate>();
        var topics = new HashMap<UUID, Integer>();
        var known = new HashMap<Set<String>, Set<UUID>>();
        for (ConsumerMember member : group.members()) {
            Set<UUID> wanted =
                    known.computeIfAbsent(
                            group.topicsOf(member, cluster), names -> resolve(names, topics));
            members.put(
                    member.id(),
                    new Assignor.Candidate(
                            member.identity().instanceId(), wanted, member.target()));
        }
        return assignor().assign(members, topics);
    }

    private Set<UUID> resolve(Set<String> names, Map<UUID, Integer> topics) {
        var ids = new HashSet<UUID>();
        for (String name : names) {
            ClusterView.@Nullable Topic topic = cluster.topic(name);
            if (topic != null) {
                ids.add(topic.id());
                topics.put(topic.id(), topic.partitions());
            }
        }
        return ids;
    }

    /** The assignor that most members ask for. */
    Assignor assignor() {
        var votes = new TreeMap<String, Integer>();
        for (ConsumerMember member : group.members()) {
            if (!member.wants().assignor().isEmpty()) {
                votes.merge(member.wants().assignor(), 1, Integer::sum);
            }
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .map(Assignors::named)
                .orElseGet(Assignors::byDefault);
    }
}
