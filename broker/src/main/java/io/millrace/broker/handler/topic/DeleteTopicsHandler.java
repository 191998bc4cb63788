package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.jspecify.annotations.Nullable;

/** DeleteTopics, by name or id. */
public final class DeleteTopicsHandler implements ApiHandler {
    private static final short STATES_SINCE = 6;

    private final Topics topics;

    public DeleteTopicsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_TOPICS;
    }

    @Override
    public void handle(Request request) {
        var response = new DeleteTopicsResponseData();
        Map<DeletableTopicResult, Command> commands = new LinkedHashMap<>();
        for (DeleteTopicState asked : asked(request)) {
            var result =
                    new DeletableTopicResult().setName(asked.name()).setTopicId(asked.topicId());
            response.responses().add(result);
            @Nullable TopicImage topic = find(asked);
            if (topic == null) {
                Errors error =
                        asked.name() == null
                                ? Errors.UNKNOWN_TOPIC_ID
                                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                result.setErrorCode(error.code());
            } else if (!topics.config().flag("delete.topic.enable")) {
                result.setErrorCode(Errors.TOPIC_DELETION_DISABLED.code());
            } else {
                result.setName(topic.name()).setTopicId(Uuids.toWire(topic.id()));
                commands.put(result, new Command.DeleteTopic(topic.id()));
            }
        }
        MetadataErrors.whenDone(
                commands.isEmpty()
                        ? CompletableFuture.completedFuture(new Outcome(List.of(), topics.image()))
                        : topics.metadata().submit(List.copyOf(commands.values())),
                request,
                outcome -> request.answer(new DeleteTopicsResponse(response)));
    }

    private static List<DeleteTopicState> asked(Request request) {
        DeleteTopicsRequestData data = request.body(DeleteTopicsRequest.class).data();
        if (request.version() >= STATES_SINCE) {
            return data.topics();
        }
        var states = new ArrayList<DeleteTopicState>();
        data.topicNames().forEach(name -> states.add(new DeleteTopicState().setName(name)));
        return states;
    }

    private @Nullable TopicImage find(DeleteTopicState asked) {
        return asked.name() != null
                ? topics.image().topic(asked.name())
                : topics.image().topic(Uuids.fromWire(asked.topicId()));
    }
}
