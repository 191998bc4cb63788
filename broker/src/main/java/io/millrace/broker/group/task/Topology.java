package io.millrace.broker.group.task;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a streams application reads and writes, as it says. Immutable.
 *
 * @param epoch rises with each version of the application's topology
 */
public record Topology(int epoch, List<Subtopology> subtopologies) {
    /**
     * A part of a topology that is processed together.
     *
     * @param changelogs topics that keep its state
     * @param repartitionSinks names of internal topics that it writes to
     * @param repartitionSources internal topics that it reads
     * @param copartitioned names of topics that must have equally many partitions, group by group
     */
    public record Subtopology(
            String id,
            List<String> sources,
            List<String> sourceRegexes,
            List<InternalTopic> changelogs,
            List<String> repartitionSinks,
            List<InternalTopic> repartitionSources,
            List<List<String>> copartitioned) {
        /** Whether it keeps state, which can be kept warm elsewhere. */
        public boolean isStateful() {
            return !changelogs.isEmpty();
        }
    }

    /**
     * A topic that the coordinator makes.
     *
     * @param partitions 0 if the topics that it goes with tell
     * @param replicationFactor 0 for the cluster's default
     */
    public record InternalTopic(
            String name, int partitions, int replicationFactor, Map<String, String> configs) {}

    /** The names of all topics that it names. */
    public Set<String> topicNames() {
        var names = new HashSet<String>();
        for (Subtopology each : subtopologies) {
            names.addAll(each.sources());
            each.changelogs().forEach(topic -> names.add(topic.name()));
            each.repartitionSources().forEach(topic -> names.add(topic.name()));
        }
        return names;
    }
}
