package io.millrace.broker;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.TopicKeys;
import io.millrace.broker.group.GroupEffect;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.cluster.MetadataService;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Reason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what groups ask for beyond their records and replies. Thread-safe; does not block. */
record GroupEffects(MetadataService metadata, BrokerConfig config) {
    private static final Logger LOG = LoggerFactory.getLogger(GroupEffects.class);

    void carryOut(GroupEffect effect) {
        switch (effect) {
            case GroupEffect.CreateTopics(List<InternalTopic> topics) ->
                    topics.forEach(this::create);
        }
    }

    private void create(InternalTopic topic) {
        String problem = problem(topic.configs());
        if (problem != null) {
            warn(topic, problem);
        } else if (metadata.image().topic(topic.name()) == null) {
            submit(topic);
        }
    }

    /** What is wrong with the settings that an application wants; null if nothing is. */
    private static @Nullable String problem(Map<String, String> configs) {
        Stream<String> problems =
                configs.entrySet().stream()
                        .map(each -> TopicKeys.TABLE.problem(each.getKey(), each.getValue()))
                        .filter(Objects::nonNull);
        return problems.findFirst().orElseGet(() -> TopicKeys.conflict(new TreeMap<>(configs)));
    }

    private void submit(InternalTopic topic) {
        int replicas =
                topic.replicationFactor() > 0
                        ? topic.replicationFactor()
                        : config.integer("default.replication.factor");
        var command =
                new CreateTopic(
                        Topics.newId(),
                        topic.name(),
                        topic.partitions(),
                        replicas,
                        List.of(),
                        topic.configs());
        var _ =
                metadata.submit(List.of(command))
                        .whenComplete((outcome, failure) -> {
                            if (failure != null) {
                                warn(topic, failure.getMessage());
                            } else {
                                tell(topic, outcome.decisions().getFirst());
                            }
                        });
    }

    private static void tell(InternalTopic topic, Decision decision) {
        if (decision instanceof Decision.Refused(Reason reason, String message)
                && reason != Reason.TOPIC_EXISTS) {
            warn(topic, message);
        }
    }

    private static void warn(InternalTopic topic, @Nullable String why) {
        LOG.warn("The internal topic {} was not made: {}", topic.name(), why);
    }
}
