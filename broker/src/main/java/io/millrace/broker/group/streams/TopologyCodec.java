package io.millrace.broker.group.streams;

import io.millrace.broker.group.task.Topology;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import io.millrace.broker.proto.InternalTopicValue;
import io.millrace.broker.proto.SubtopologyValue;
import io.millrace.broker.proto.TopicNames;
import io.millrace.broker.proto.TopologyValue;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;

/** How topologies are stored. Stateless. */
final class TopologyCodec {
    private TopologyCodec() {}

    static TopologyValue encode(Topology topology) {
        var value = TopologyValue.newBuilder().setEpoch(topology.epoch());
        for (Subtopology each : topology.subtopologies()) {
            var one =
                    SubtopologyValue.newBuilder()
                            .setId(each.id())
                            .addAllSources(each.sources())
                            .addAllSourceRegexes(each.sourceRegexes())
                            .addAllRepartitionSinks(each.repartitionSinks());
            each.changelogs().forEach(topic -> one.addChangelogs(encode(topic)));
            each.repartitionSources().forEach(topic -> one.addRepartitionSources(encode(topic)));
            each.copartitioned()
                    .forEach(names ->
                            one.addCopartitioned(TopicNames.newBuilder().addAllNames(names)));
            value.addSubtopologies(one);
        }
        return value.build();
    }

    private static InternalTopicValue encode(InternalTopic topic) {
        return InternalTopicValue.newBuilder()
                .setName(topic.name())
                .setPartitions(topic.partitions())
                .setReplicationFactor(topic.replicationFactor())
                .putAllConfigs(topic.configs())
                .build();
    }

    static Topology decode(TopologyValue stored) {
        return new Topology(
                stored.getEpoch(),
                stored.getSubtopologiesList().stream().map(TopologyCodec::decode).toList());
    }

    private static Subtopology decode(SubtopologyValue stored) {
        return new Subtopology(
                stored.getId(),
                List.copyOf(stored.getSourcesList()),
                List.copyOf(stored.getSourceRegexesList()),
                stored.getChangelogsList().stream().map(TopologyCodec::decode).toList(),
                List.copyOf(stored.getRepartitionSinksList()),
                stored.getRepartitionSourcesList().stream().map(TopologyCodec::decode).toList(),
                stored.getCopartitionedList().stream()
                        .map(names -> List.copyOf(names.getNamesList()))
                        .toList());
    }

    private static InternalTopic decode(InternalTopicValue stored) {
        return new InternalTopic(
                stored.getName(),
                stored.getPartitions(),
                stored.getReplicationFactor(),
                Collections.unmodifiableMap(new HashMap<>(stored.getConfigsMap())));
    }
}
