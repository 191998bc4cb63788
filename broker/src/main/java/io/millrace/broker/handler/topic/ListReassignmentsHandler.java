package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.Repeats;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.HashSet;
import java.util.function.IntPredicate;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ListPartitionReassignmentsResponse;
import org.jspecify.annotations.Nullable;

/** ListPartitionReassignments: partitions that are being moved to other replicas (KIP-455). */
public final class ListReassignmentsHandler implements ApiHandler {
    private final Topics topics;

    public ListReassignmentsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(ListPartitionReassignmentsRequest.class).data().topics();
        var response = new ListPartitionReassignmentsResponseData();
        ClusterImage image = topics.image();
        if (asked == null) {
            image.topics().forEach(topic -> add(response, topic, index -> true));
        } else {
            var repeats = new Repeats();
            asked.forEach(topic -> {
                if (!repeats.isRepeated(topic.name())) {
                    var wanted = new HashSet<>(topic.partitionIndexes());
                    add(response, image.topic(topic.name()), wanted::contains);
                }
            });
        }
        request.answer(new ListPartitionReassignmentsResponse(response));
    }

    private static void add(
            ListPartitionReassignmentsResponseData response,
            @Nullable TopicImage topic,
            IntPredicate wanted) {
        if (topic == null) {
            return;
        }
        var ongoing = new OngoingTopicReassignment().setName(topic.name());
        for (PartitionImage partition : topic.partitions()) {
            if (partition.isReassigned() && wanted.test(partition.index())) {
                ongoing.partitions()
                        .add(
                                new OngoingPartitionReassignment()
                                        .setPartitionIndex(partition.index())
                                        .setReplicas(partition.replicas())
                                        .setAddingReplicas(partition.adding())
                                        .setRemovingReplicas(partition.removing()));
            }
        }
        if (!ongoing.partitions().isEmpty()) {
            response.topics().add(ongoing);
        }
    }
}
