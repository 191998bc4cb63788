package io.millrace.broker.handler.group;

import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupReply.Each;
import io.millrace.broker.group.GroupRequest;
import io.millrace.broker.group.GroupRequest.Place;
import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.wire.Request;
import java.util.ArrayList;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartitionCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;

/** OffsetDelete: of topics that the group is not subscribed to (KIP-496). */
public final class OffsetDeleteHandler implements ApiHandler {
    private final GroupCoordinator coordinator;
    private final PartitionDirectory directory;

    public OffsetDeleteHandler(GroupCoordinator coordinator, PartitionDirectory directory) {
        this.coordinator = coordinator;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.OFFSET_DELETE;
    }

    @Override
    public void handle(Request request) {
        OffsetDeleteRequestData asked = request.body(OffsetDeleteRequest.class).data();
        var response =
                new OffsetDeleteResponseData()
                        .setTopics(
                                new OffsetDeleteResponseTopicCollection(asked.topics().size() + 1));
        var places = new ArrayList<Place>();
        var slots = new ArrayList<OffsetDeleteResponsePartition>();
        for (var topic : asked.topics()) {
            int room = topic.partitions().size() + 1;
            var answer =
                    new OffsetDeleteResponseTopic()
                            .setName(topic.name())
                            .setPartitions(new OffsetDeleteResponsePartitionCollection(room));
            response.topics().add(answer);
            for (var partition : topic.partitions()) {
                int index = partition.partitionIndex();
                var slot = new OffsetDeleteResponsePartition().setPartitionIndex(index);
                answer.partitions().add(slot);
                if (directory.partition(topic.name(), index) == null) {
                    slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    places.add(new Place(topic.name(), index));
                    slots.add(slot);
                }
            }
        }
        coordinator.handle(
                new GroupRequest.DeleteOffsets(asked.groupId(), places),
                reply -> {
                    Each outcome = (Each) reply;
                    if (outcome.error() != GroupError.NONE) {
                        request.answer(refusal(outcome.error()));
                        return;
                    }
                    for (int i = 0; i < outcome.errors().size(); i++) {
                        slots.get(i).setErrorCode(GroupErrors.code(outcome.errors().get(i)));
                    }
                    request.answer(new OffsetDeleteResponse(response));
                });
    }

    /** An error of the group stands alone, without topics. */
    private static OffsetDeleteResponse refusal(GroupError error) {
        return new OffsetDeleteResponse(
                new OffsetDeleteResponseData().setErrorCode(GroupErrors.code(error)));
    }
}
