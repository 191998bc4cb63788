package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.ElectLeadersResponse;

/** ElectLeaders: with one replica a partition there is never another to elect. */
public final class ElectLeadersHandler implements ApiHandler {
    private final Topics topics;

    public ElectLeadersHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ELECT_LEADERS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(ElectLeadersRequest.class).data().topicPartitions();
        var results = new ArrayList<ReplicaElectionResult>();
        ClusterImage image = topics.image();
        if (asked != null) {
            asked.forEach(topic -> {
                var partitions = new ArrayList<PartitionResult>();
                topic.partitions()
                        .forEach(index -> partitions.add(result(image, topic.topic(), index)));
                results.add(
                        new ReplicaElectionResult()
                                .setTopic(topic.topic())
                                .setPartitionResult(partitions));
            });
        }
        request.answer(
                new ElectLeadersResponse(
                        0, Errors.NONE.code(), List.copyOf(results), request.version()));
    }

    private static PartitionResult result(ClusterImage image, String name, int index) {
        TopicImage topic = image.topic(name);
        boolean known = topic != null && index >= 0 && index < topic.partitions().size();
        Errors error = known ? Errors.ELECTION_NOT_NEEDED : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        return new PartitionResult()
                .setPartitionId(index)
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
