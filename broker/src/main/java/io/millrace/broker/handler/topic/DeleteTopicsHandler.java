package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.MetadataService.Outcome;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResultCollection;
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
        List<DeleteTopicState> states = asked(request);
        response.setResponses(new DeletableTopicResultCollection(states.size() + 1));
        Map<Object, Integer> times = times(states);
        var answered = new HashSet<>();
        for (DeleteTopicState asked : states) {
            @Nullable TopicImage topic = find(asked);
            Object key = key(asked, topic);
            boolean repeated = times.getOrDefault(key, 0) > 1;
            if (repeated && !answered.add(key)) {
                continue;
            }
            DeletableTopicResult result =
                    new Result().setName(asked.name()).setTopicId(asked.topicId());
            if (isUnclear(asked)) {
                refuse(result, Errors.INVALID_REQUEST, "Give either a topic's name or its id.");
            } else if (repeated) {
                refuse(result, Errors.INVALID_REQUEST, "Duplicate topic name or id.");
            } else if (topic == null) {
                Errors error =
                        asked.name() == null
                                ? Errors.UNKNOWN_TOPIC_ID
                                : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                refuse(result, error, error.message());
            } else if (!topics.config().flag("delete.topic.enable")) {
                refuse(
                        result,
                        Errors.TOPIC_DELETION_DISABLED,
                        Errors.TOPIC_DELETION_DISABLED.message());
            } else {
                result.setName(topic.name()).setTopicId(Uuids.toWire(topic.id()));
                commands.put(result, new Command.DeleteTopic(topic.id()));
            }
            response.responses().add(result);
        }
        MetadataErrors.whenDone(
                commands.isEmpty()
                        ? CompletableFuture.completedFuture(new Outcome(List.of(), topics.image()))
                        : topics.metadata().submit(List.copyOf(commands.values())),
                request,
                outcome -> {
                    var decisions = outcome.decisions().iterator();
                    commands.forEach((result, command) -> fill(result, decisions.next()));
                    request.answer(new DeleteTopicsResponse(response));
                });
    }

    /** Hashes by its id too: those without a name would all hash alike. */
    private static final class Result extends DeletableTopicResult {
        @Override
        public int hashCode() {
            return 31 * topicId().hashCode() + Objects.hashCode(name());
        }
    }

    private static void fill(DeletableTopicResult result, Decision decision) {
        if (decision instanceof Decision.Refused(Decision.Reason reason, String message)) {
            refuse(result, MetadataErrors.of(reason), message);
        }
    }

    private static void refuse(DeletableTopicResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }

    private static boolean isUnclear(DeleteTopicState asked) {
        return (asked.name() == null) == asked.topicId().equals(Uuid.ZERO_UUID);
    }

    /** How often each topic is named, by name or id: nobody means to delete one twice. */
    private Map<Object, Integer> times(List<DeleteTopicState> states) {
        var times = new HashMap<Object, Integer>();
        states.forEach(asked -> times.merge(key(asked, find(asked)), 1, Integer::sum));
        return times;
    }

    private static Object key(DeleteTopicState asked, @Nullable TopicImage topic) {
        if (topic != null) {
            return topic.id();
        }
        return asked.name() != null ? asked.name() : asked.topicId();
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
