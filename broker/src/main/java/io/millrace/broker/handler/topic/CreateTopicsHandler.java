package io.millrace.broker.handler.topic;

import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.TopicConfigs;
import io.millrace.broker.config.TopicKeys;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Decision;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignmentCollection;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.jspecify.annotations.Nullable;

/** CreateTopics: each topic of a request succeeds or fails by itself. */
public final class CreateTopicsHandler implements ApiHandler {
    private static final int DEFAULT = -1;

    private final Topics topics;

    public CreateTopicsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_TOPICS;
    }

    @Override
    public void handle(Request request) {
        CreateTopicsRequestData data = request.body(CreateTopicsRequest.class).data();
        var response =
                new CreateTopicsResponseData()
                        .setTopics(new CreatableTopicResultCollection(data.topics().size() + 1));
        Map<CreatableTopicResult, CreateTopic> commands = new LinkedHashMap<>();
        boolean excessive = partitions(data) > Topics.MOST_NEW_PARTITIONS;
        Set<String> repeated = Repeats.among(data.topics(), CreatableTopic::name);
        var answered = new Repeats();
        for (CreatableTopic topic : data.topics()) {
            if (answered.isRepeated(topic.name())) {
                continue;
            }
            var result = new CreatableTopicResult().setName(topic.name());
            response.topics().add(result);
            if (excessive) {
                refuse(
                        result,
                        Errors.POLICY_VIOLATION,
                        "Excessively large number of partitions per request.");
            } else if (isSound(repeated, topic, result)) {
                commands.put(result, command(topic));
            }
        }
        if (data.validateOnly()) {
            commands.forEach((result, command) ->
                    fill(result, command, topics.metadata().consider(command)));
            request.answer(new CreateTopicsResponse(response));
            return;
        }
        MetadataErrors.whenDone(
                commands.isEmpty()
                        ? CompletableFuture.completedFuture(
                                new io.millrace.cluster.MetadataService.Outcome(
                                        List.of(), topics.image()))
                        : topics.metadata().submit(List.copyOf(commands.values())),
                request,
                outcome -> {
                    var decisions = outcome.decisions().iterator();
                    commands.forEach((result, command) -> fill(result, command, decisions.next()));
                    request.answer(new CreateTopicsResponse(response));
                });
    }

    private long partitions(CreateTopicsRequestData data) {
        long partitions = 0;
        for (CreatableTopic topic : data.topics()) {
            int wanted =
                    topic.numPartitions() == DEFAULT
                            ? topics.config().integer(BrokerKeys.NUM_PARTITIONS)
                            : topic.numPartitions();
            partitions += Math.max(1, Math.max(topic.assignments().size(), wanted));
        }
        return partitions;
    }

    private static boolean isSound(
            Set<String> repeated, CreatableTopic topic, CreatableTopicResult result) {
        String problem = problem(repeated, topic);
        if (problem != null) {
            refuse(result, Errors.INVALID_REQUEST, problem);
            return false;
        }
        if (!areConsecutive(topic.assignments())) {
            refuse(
                    result,
                    Errors.INVALID_REPLICA_ASSIGNMENT,
                    "partitions should be a consecutive 0-based integer sequence");
            return false;
        }
        String badConfig = configProblem(topic);
        if (badConfig != null) {
            refuse(result, Errors.INVALID_CONFIG, badConfig);
            return false;
        }
        return true;
    }

    private static boolean areConsecutive(CreatableReplicaAssignmentCollection assignments) {
        var seen = new BitSet(assignments.size());
        for (CreatableReplicaAssignment each : assignments) {
            int index = each.partitionIndex();
            if (index < 0 || index >= assignments.size() || seen.get(index)) {
                return false;
            }
            seen.set(index);
        }
        return true;
    }

    private static @Nullable String problem(Set<String> repeated, CreatableTopic topic) {
        if (repeated.contains(topic.name())) {
            return "Duplicate topic name.";
        }
        boolean assigned = !topic.assignments().isEmpty();
        if (assigned
                && (topic.numPartitions() != DEFAULT || topic.replicationFactor() != DEFAULT)) {
            return "A manual partition assignment was specified, but numPartitions or"
                    + " replicationFactor was not set to -1.";
        }
        return null;
    }

    private static @Nullable String configProblem(CreatableTopic topic) {
        for (var config : topic.configs()) {
            String problem =
                    config.value() == null
                            ? "Null value not supported for topic configs: " + config.name()
                            : TopicKeys.TABLE.problem(config.name(), config.value());
            if (problem != null) {
                return problem;
            }
        }
        return TopicKeys.conflict(configs(topic));
    }

    private static Map<String, String> configs(CreatableTopic topic) {
        var configs = new TreeMap<String, String>();
        topic.configs().forEach(config -> configs.put(config.name(), config.value()));
        return configs;
    }

    private CreateTopic command(CreatableTopic topic) {
        var assignments = new ArrayList<List<Integer>>();
        for (int i = 0; i < topic.assignments().size(); i++) {
            assignments.add(topic.assignments().find(i).brokerIds());
        }
        int partitions =
                topic.numPartitions() == DEFAULT
                        ? topics.config().integer(BrokerKeys.NUM_PARTITIONS)
                        : topic.numPartitions();
        int replicas =
                topic.replicationFactor() == DEFAULT
                        ? topics.config().integer("default.replication.factor")
                        : topic.replicationFactor();
        return new CreateTopic(
                Topics.newId(), topic.name(), partitions, replicas, assignments, configs(topic));
    }

    private static void refuse(CreatableTopicResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }

    private void fill(CreatableTopicResult result, CreateTopic command, Decision decision) {
        if (decision instanceof Decision.Refused(Decision.Reason reason, String message)) {
            refuse(result, MetadataErrors.of(reason), message);
            return;
        }
        boolean assigned = !command.assignments().isEmpty();
        result.setTopicId(Uuids.toWire(command.id()))
                .setErrorMessage(null)
                .setNumPartitions(assigned ? command.assignments().size() : command.partitions())
                .setReplicationFactor(
                        (short)
                                (assigned
                                        ? command.assignments().getFirst().size()
                                        : command.replicationFactor()))
                .setConfigs(configs(command.configs()));
    }

    private List<CreatableTopicConfigs> configs(Map<String, String> own) {
        var configs = new ArrayList<CreatableTopicConfigs>();
        TopicConfigs.effective(topics.config(), own)
                .forEach((name, value) -> configs.add(config(name, value, own.containsKey(name))));
        return configs;
    }

    private CreatableTopicConfigs config(String name, String value, boolean own) {
        ConfigKey key = TopicKeys.TABLE.find(name);
        boolean isDefault = key != null && value.equals(key.defaultValue());
        ConfigSource source =
                isDefault ? ConfigSource.DEFAULT_CONFIG : ConfigSource.STATIC_BROKER_CONFIG;
        return new CreatableTopicConfigs()
                .setName(name)
                .setValue(value)
                .setConfigSource(sourceId(own ? ConfigSource.DYNAMIC_TOPIC_CONFIG : source));
    }

    private static byte sourceId(ConfigSource source) {
        return switch (source) {
            case DYNAMIC_TOPIC_CONFIG -> DescribeConfigsResponse.ConfigSource.TOPIC_CONFIG.id();
            case STATIC_BROKER_CONFIG ->
                    DescribeConfigsResponse.ConfigSource.STATIC_BROKER_CONFIG.id();
            default -> DescribeConfigsResponse.ConfigSource.DEFAULT_CONFIG.id();
        };
    }
}
