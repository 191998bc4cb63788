package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.controller.Command.CreatePartitions;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;

/** CreatePartitions: more partitions for topics that are there. */
public final class CreatePartitionsHandler implements ApiHandler {
    private final Topics topics;

    public CreatePartitionsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.CREATE_PARTITIONS;
    }

    @Override
    public void handle(Request request) {
        CreatePartitionsRequestData data = request.body(CreatePartitionsRequest.class).data();
        ClusterImage image = topics.image();
        var response = new CreatePartitionsResponseData();
        Map<CreatePartitionsTopicResult, CreatePartitions> commands = new LinkedHashMap<>();
        Set<String> repeated = Repeats.among(data.topics(), CreatePartitionsTopic::name);
        var answered = new Repeats();
        for (CreatePartitionsTopic topic : data.topics()) {
            if (answered.isRepeated(topic.name())) {
                continue;
            }
            var result = new CreatePartitionsTopicResult().setName(topic.name());
            response.results().add(result);
            if (repeated.contains(topic.name())) {
                refused(result, Errors.INVALID_REQUEST, "Duplicate topic name.");
            } else {
                accept(image, topic, result, commands);
            }
        }
        if (data.validateOnly()) {
            commands.forEach(
                    (result, command) -> fill(result, topics.metadata().consider(command)));
            request.answer(new CreatePartitionsResponse(response));
            return;
        }
        MetadataErrors.whenDone(
                topics.metadata().submit(List.copyOf(commands.values())),
                request,
                outcome -> {
                    var decisions = outcome.decisions().iterator();
                    commands.forEach((result, command) -> fill(result, decisions.next()));
                    request.answer(new CreatePartitionsResponse(response));
                });
    }

    private static void accept(
            ClusterImage image,
            CreatePartitionsTopic topic,
            CreatePartitionsTopicResult result,
            Map<CreatePartitionsTopicResult, CreatePartitions> commands) {
        TopicImage present = image.topic(topic.name());
        long added = present == null ? 0 : (long) topic.count() - present.partitions().size();
        if (added > Topics.MOST_NEW_PARTITIONS) {
            refused(
                    result,
                    Errors.POLICY_VIOLATION,
                    "Excessively large number of additional partitions per request.");
        } else if (added > 0 && topic.assignments() != null && topic.assignments().isEmpty()) {
            refused(
                    result,
                    Errors.INVALID_REPLICA_ASSIGNMENT,
                    "%d partitions are added, replicas are given for none".formatted(added));
        } else {
            commands.put(result, command(topic));
        }
    }

    private static CreatePartitions command(CreatePartitionsTopic topic) {
        var assignments = new ArrayList<List<Integer>>();
        if (topic.assignments() != null) {
            topic.assignments().forEach(assignment -> assignments.add(assignment.brokerIds()));
        }
        return new CreatePartitions(topic.name(), topic.count(), assignments);
    }

    private static CreatePartitionsTopicResult refused(
            CreatePartitionsTopicResult result, Errors error, String message) {
        return result.setErrorCode(error.code()).setErrorMessage(message);
    }

    private static void fill(CreatePartitionsTopicResult result, Decision decision) {
        if (decision instanceof Decision.Refused(Decision.Reason reason, String message)) {
            refused(result, MetadataErrors.of(reason), message);
        }
    }
}
