package io.millrace.broker.group.streams;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.StreamsHeartbeat;
import io.millrace.broker.group.StreamsHeartbeat.Answer;
import io.millrace.broker.group.member.TopicPattern;
import io.millrace.broker.group.task.Topology;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a heartbeat has to say, and may not say, whoever sends it. Stateless. */
public final class StreamsRules {
    /** Of all names: what is stored of a topology stays below the size of a batch. */
    private static final int MAX_CHARACTERS = 200_000;

    private static final int MAX_PARTITIONS = 10_000;

    /** Each is matched with every topic that there is. */
    private static final int MAX_REGEXES = 200;

    private StreamsRules() {}

    /** The refusal of a request that makes no sense; null if it makes sense. */
    public static @Nullable Answer refusal(StreamsHeartbeat beat) {
        String problem = problem(beat);
        if (problem != null) {
            return Answer.failed(GroupError.INVALID_REQUEST, problem);
        }
        Topology topology = beat.topology();
        String wrong = topology == null ? null : problem(topology);
        return wrong == null ? null : Answer.failed(GroupError.STREAMS_INVALID_TOPOLOGY, wrong);
    }

    private static @Nullable String problem(StreamsHeartbeat beat) {
        if (beat.group().isEmpty() || beat.memberId().isEmpty()) {
            return "The group id or the member id is empty";
        }
        if (beat.instanceId() != null) {
            return "Static members of streams groups are not supported";
        }
        if (beat.rackId() != null && beat.rackId().isEmpty()) {
            return "The rack id is empty";
        }
        if (beat.epoch() < StreamsHeartbeat.LEAVE) {
            return "The member epoch is below -1";
        }
        return beat.epoch() == StreamsHeartbeat.JOIN ? problemOfJoining(beat) : null;
    }

    private static @Nullable String problemOfJoining(StreamsHeartbeat beat) {
        if (beat.rebalanceTimeoutMs() < 0) {
            return "Who joins has to say its rebalance timeout";
        }
        if (beat.owned() == null || !beat.owned().isEmpty()) {
            return "Who joins has no tasks, and has to say so";
        }
        if (beat.topology() == null) {
            return "Who joins has to tell its topology";
        }
        return beat.processId() == null || beat.processId().isEmpty()
                ? "Who joins has to tell its process"
                : null;
    }

    private static int size(Topology topology) {
        int size = 0;
        for (Subtopology each : topology.subtopologies()) {
            size += each.id().length() + size(each.sources()) + size(each.sourceRegexes());
            size += size(each.repartitionSinks());
            for (List<String> names : each.copartitioned()) {
                size += 1 + size(names);
            }
            size += each.changelogs().stream().mapToInt(StreamsRules::size).sum();
            size += each.repartitionSources().stream().mapToInt(StreamsRules::size).sum();
        }
        return size;
    }

    private static int size(List<String> names) {
        return names.stream().mapToInt(name -> 1 + name.length()).sum();
    }

    private static int size(InternalTopic topic) {
        return topic.configs().entrySet().stream()
                .mapToInt(each -> each.getKey().length() + each.getValue().length())
                .reduce(1 + topic.name().length(), Integer::sum);
    }

    private static @Nullable String problem(Topology topology) {
        if (size(topology) > MAX_CHARACTERS) {
            return "The topology is too large";
        }
        long regexes =
                topology.subtopologies().stream()
                        .mapToLong(each -> each.sourceRegexes().size())
                        .sum();
        if (regexes > MAX_REGEXES) {
            return "The topology has more than " + MAX_REGEXES + " regular expressions";
        }
        var ids = new HashSet<String>();
        for (Subtopology each : topology.subtopologies()) {
            if (!ids.add(each.id())) {
                return "There are two subtopologies " + each.id();
            }
            boolean counted =
                    each.changelogs().stream().anyMatch(topic -> topic.partitions() != 0)
                            || each.repartitionSources().stream()
                                    .anyMatch(topic ->
                                            topic.partitions() < 0
                                                    || topic.partitions() > MAX_PARTITIONS);
            if (counted) {
                return "An internal topic of %s cannot have so many partitions"
                        .formatted(each.id());
            }
            if (Stream.concat(each.changelogs().stream(), each.repartitionSources().stream())
                    .anyMatch(topic -> topic.name().startsWith("__"))) {
                return "An internal topic of %s has a name that is kept for the broker's own"
                        .formatted(each.id());
            }
            if (each.sourceRegexes().stream().anyMatch(regex -> TopicPattern.of(regex) == null)) {
                return "A regular expression of %s is malformed or too large".formatted(each.id());
            }
        }
        return null;
    }
}
