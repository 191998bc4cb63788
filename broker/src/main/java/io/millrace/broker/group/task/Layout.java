package io.millrace.broker.group.task;

import static java.util.Comparator.comparingInt;

import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.member.MatchedTopics;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A topology on the topics that there are: how many tasks it makes, what stands against it, and
 * which topics are to be made.
 *
 * @param tasks how many each subtopology has; of no meaning if there is a problem
 * @param missing internal topics to make
 */
public record Layout(
        @Nullable Problem problem, Map<String, Integer> tasks, List<InternalTopic> missing) {
    /** Partitions that one application may have made, and tasks that it may have. */
    private static final int MOST_PARTITIONS = 10_000;

    private static final int MOST_TASKS = 100_000;

    /** What stands against running the topology, with Kafka's codes for it. */
    public record Problem(Kind kind, String detail) {
        /** Kinds of problems. */
        public enum Kind {
            MISSING_SOURCE_TOPICS(1),
            INCORRECTLY_PARTITIONED_TOPICS(2),
            MISSING_INTERNAL_TOPICS(3);

            private final byte code;

            Kind(int code) {
                this.code = (byte) code;
            }

            public byte code() {
                return code;
            }
        }
    }

    /** Works it out. */
    public static Layout of(Topology topology, MatchedTopics matched, ClusterView cluster) {
        return new Planner(topology, matched, cluster).plan();
    }

    /** Used once. */
    private static final class Planner {
        private final Topology topology;
        private final MatchedTopics matched;
        private final ClusterView cluster;
        private final Map<String, Integer> partitions = new HashMap<>();
        private final Map<String, InternalTopic> missing = new TreeMap<>();
        private @Nullable Problem problem;

        Planner(Topology topology, MatchedTopics matched, ClusterView cluster) {
            this.topology = topology;
            this.matched = matched;
            this.cluster = cluster;
        }

        Layout plan() {
            countSources();
            countRepartitionTopics();
            checkCopartitioned();
            Map<String, Integer> tasks = countTasks();
            checkBounds(tasks);
            if (problem == null && !missing.isEmpty()) {
                fail(
                        Problem.Kind.MISSING_INTERNAL_TOPICS,
                        () -> "Internal topics are missing: " + missing.keySet());
                return new Layout(problem, tasks, List.copyOf(missing.values()));
            }
            return new Layout(problem, tasks, List.of());
        }

        private void checkBounds(Map<String, Integer> tasks) {
            long total = tasks.values().stream().mapToLong(Integer::longValue).sum();
            long made = missing.values().stream().mapToLong(InternalTopic::partitions).sum();
            if (total > MOST_TASKS || made > MOST_PARTITIONS) {
                fail(
                        Problem.Kind.INCORRECTLY_PARTITIONED_TOPICS,
                        () -> "The topology has too many tasks, or too many partitions to make");
            }
        }

        /** Tells of the first thing that is wrong only: the others may follow from it. */
        private void fail(Problem.Kind kind, Supplier<String> detail) {
            if (problem == null) {
                problem = new Problem(kind, detail.get());
            }
        }

        private Map<String, Integer> countTasks() {
            var tasks = new TreeMap<String, Integer>();
            for (Subtopology each : topology.subtopologies()) {
                int count = largest(inputs(each));
                tasks.put(each.id(), count);
                for (InternalTopic changelog : each.changelogs()) {
                    require(changelog, count);
                }
            }
            for (Subtopology each : topology.subtopologies()) {
                for (InternalTopic topic : each.repartitionSources()) {
                    require(topic, count(topic.name()));
                }
            }
            return tasks;
        }

        private void countSources() {
            var absent = new TreeSet<String>();
            for (Subtopology each : topology.subtopologies()) {
                for (String name : each.sources()) {
                    ClusterView.@Nullable Topic topic = cluster.topic(name);
                    if (topic == null) {
                        absent.add(name);
                    } else {
                        partitions.put(name, topic.partitions());
                    }
                }
                for (String regex : each.sourceRegexes()) {
                    Set<String> names = matched.of(regex, cluster);
                    if (names.isEmpty()) {
                        absent.add(regex);
                    }
                    names.forEach(this::countExisting);
                }
            }
            if (!absent.isEmpty()) {
                fail(
                        Problem.Kind.MISSING_SOURCE_TOPICS,
                        () -> "Source topics are missing: " + absent);
            }
        }

        private void countExisting(String name) {
            ClusterView.@Nullable Topic topic = cluster.topic(name);
            if (topic != null) {
                partitions.put(name, topic.partitions());
            }
        }

        /** A repartition topic has what it says, or else as many as what is written to it. */
        private void countRepartitionTopics() {
            var open = new HashSet<String>();
            for (Subtopology each : topology.subtopologies()) {
                for (InternalTopic topic : each.repartitionSources()) {
                    if (topic.partitions() > 0) {
                        partitions.put(topic.name(), topic.partitions());
                    } else {
                        open.add(topic.name());
                    }
                }
            }
            deriveCounts(open);
            if (!open.isEmpty()) {
                fail(
                        Problem.Kind.MISSING_SOURCE_TOPICS,
                        () ->
                                "Nothing tells how many partitions these have: "
                                        + new TreeSet<>(open));
            }
        }

        /** A topic of which it is known how many partitions it has. */
        private record Counted(String topic, int partitions) {}

        /**
         * Gives open topics the most partitions of what is read by those that write to them, and
         * takes them out. The largest first: then what a topic gets first is what it keeps, and
         * each subtopology is gone through once, however many are chained in whatever order.
         */
        private void deriveCounts(Set<String> open) {
            Map<String, List<Subtopology>> readers = open.isEmpty() ? Map.of() : readers();
            var known = new PriorityQueue<>(comparingInt(Counted::partitions).reversed());
            partitions.forEach((topic, count) -> known.add(new Counted(topic, count)));
            var passed = new HashSet<String>();
            for (Counted next = known.poll(); next != null; next = known.poll()) {
                for (Subtopology reader : readers.getOrDefault(next.topic(), List.of())) {
                    if (passed.add(reader.id())) {
                        int most = next.partitions();
                        reader.repartitionSinks().stream()
                                .filter(open::remove)
                                .forEach(sink -> {
                                    partitions.put(sink, most);
                                    known.add(new Counted(sink, most));
                                });
                    }
                }
            }
        }

        private Map<String, List<Subtopology>> readers() {
            var readers = new HashMap<String, List<Subtopology>>();
            for (Subtopology each : topology.subtopologies()) {
                for (String input : inputs(each)) {
                    readers.computeIfAbsent(input, name -> new ArrayList<>()).add(each);
                }
            }
            return readers;
        }

        /** Internal topics that may choose follow the largest of their group. */
        private void checkCopartitioned() {
            for (Subtopology each : topology.subtopologies()) {
                Set<String> free = new HashSet<>();
                each.repartitionSources().stream()
                        .filter(topic -> topic.partitions() == 0)
                        .forEach(topic -> free.add(topic.name()));
                for (List<String> group : each.copartitioned()) {
                    var fixed = group.stream().filter(name -> !free.contains(name)).toList();
                    int wanted = largest(fixed.isEmpty() ? group : fixed);
                    for (String name : group) {
                        if (free.contains(name)) {
                            partitions.put(name, wanted);
                        } else if (count(name) != wanted) {
                            fail(
                                    Problem.Kind.INCORRECTLY_PARTITIONED_TOPICS,
                                    () -> "These must have equally many partitions: " + group);
                        }
                    }
                }
            }
        }

        private List<String> inputs(Subtopology each) {
            var inputs = new ArrayList<>(each.sources());
            each.sourceRegexes().forEach(regex -> inputs.addAll(matched.of(regex, cluster)));
            each.repartitionSources().forEach(topic -> inputs.add(topic.name()));
            return inputs;
        }

        private int count(String name) {
            return partitions.getOrDefault(name, 0);
        }

        private int largest(List<String> names) {
            return names.stream().mapToInt(this::count).max().orElse(0);
        }

        private void require(InternalTopic topic, int count) {
            ClusterView.@Nullable Topic present = cluster.topic(topic.name());
            if (present == null) {
                missing.put(
                        topic.name(),
                        new InternalTopic(
                                topic.name(), count, topic.replicationFactor(), topic.configs()));
            } else if (present.partitions() != count) {
                fail(
                        Problem.Kind.INCORRECTLY_PARTITIONED_TOPICS,
                        () ->
                                "%s has %d partitions and should have %d"
                                        .formatted(topic.name(), present.partitions(), count));
            }
        }
    }
}
