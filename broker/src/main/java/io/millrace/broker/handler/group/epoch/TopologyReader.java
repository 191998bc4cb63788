package io.millrace.broker.handler.group.epoch;

import io.millrace.broker.group.task.Topology;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.StreamsInvalidTopologyException;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.CopartitionGroup;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData.TopicInfo;

/** Reads topologies out of requests. Stateless. */
final class TopologyReader {
    private TopologyReader() {}

    static Topology read(StreamsGroupHeartbeatRequestData.Topology said) {
        return new Topology(
                said.epoch(), said.subtopologies().stream().map(TopologyReader::read).toList());
    }

    private static Subtopology read(StreamsGroupHeartbeatRequestData.Subtopology said) {
        return new Subtopology(
                said.subtopologyId(),
                List.copyOf(said.sourceTopics()),
                List.copyOf(said.sourceTopicRegex()),
                said.stateChangelogTopics().stream().map(TopologyReader::read).toList(),
                List.copyOf(said.repartitionSinkTopics()),
                said.repartitionSourceTopics().stream().map(TopologyReader::read).toList(),
                said.copartitionGroups().stream().map(group -> names(said, group)).toList());
    }

    private static InternalTopic read(TopicInfo said) {
        Map<String, String> configs = new LinkedHashMap<>();
        said.topicConfigs().forEach(each -> configs.put(each.key(), each.value()));
        return new InternalTopic(said.name(), said.partitions(), said.replicationFactor(), configs);
    }

    private static List<String> names(
            StreamsGroupHeartbeatRequestData.Subtopology said, CopartitionGroup group) {
        var names = new ArrayList<String>();
        group.sourceTopics().forEach(at -> names.add(at(said.sourceTopics(), at)));
        group.repartitionSourceTopics()
                .forEach(at -> names.add(at(said.repartitionSourceTopics(), at).name()));
        return names;
    }

    private static <V> V at(List<V> list, short index) {
        if (index < 0 || index >= list.size()) {
            throw new StreamsInvalidTopologyException("a copartition group names no topic");
        }
        return list.get(index);
    }
}
