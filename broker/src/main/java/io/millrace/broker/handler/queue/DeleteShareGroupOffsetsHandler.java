package io.millrace.broker.handler.queue;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.HashMap;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData.DeleteShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteShareGroupOffsetsRequest;
import org.apache.kafka.common.requests.DeleteShareGroupOffsetsResponse;

/** DeleteShareGroupOffsets: forgets topics' queues of a group without members (KIP-932). */
public final class DeleteShareGroupOffsetsHandler implements ApiHandler {
    private final QueueDeletion queues;
    private final ShareMembership members;
    private final PartitionDirectory directory;

    public DeleteShareGroupOffsetsHandler(
            QueueDeletion queues, ShareMembership members, PartitionDirectory directory) {
        this.queues = queues;
        this.members = members;
        this.directory = directory;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DELETE_SHARE_GROUP_OFFSETS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DeleteShareGroupOffsetsRequest.class).data();
        members.ask(
                asked.groupId(),
                standing -> {
                    Errors error = standing.problemIfNotEmpty();
                    if (error == Errors.NONE) {
                        find(request, asked);
                    } else {
                        request.answer(failed(error));
                    }
                });
    }

    private void find(Request request, DeleteShareGroupOffsetsRequestData asked) {
        var data = new DeleteShareGroupOffsetsResponseData();
        var slots = new HashMap<UUID, DeleteShareGroupOffsetsResponseTopic>();
        for (var topic : asked.topics()) {
            HostedTopic hosted = directory.topic(topic.topicName());
            var slot =
                    new DeleteShareGroupOffsetsResponseTopic()
                            .setTopicName(topic.topicName())
                            .setTopicId(
                                    hosted == null ? Uuid.ZERO_UUID : Uuids.toWire(hosted.id()));
            data.responses().add(slot);
            if (hosted == null) {
                slot.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                        .setErrorMessage(Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
            } else {
                slots.put(hosted.id(), slot);
            }
        }
        queues.delete(
                asked.groupId(),
                key -> slots.containsKey(key.topicId()),
                outcome -> {
                    if (outcome.error() != Errors.NONE) {
                        request.answer(failed(outcome.error()));
                        return;
                    }
                    outcome.failed()
                            .forEach((key, error) -> {
                                var slot = slots.get(key.topicId());
                                if (slot != null) {
                                    slot.setErrorCode(error.code())
                                            .setErrorMessage(error.message());
                                }
                            });
                    request.answer(new DeleteShareGroupOffsetsResponse(data));
                });
    }

    private static DeleteShareGroupOffsetsResponse failed(Errors error) {
        return new DeleteShareGroupOffsetsResponse(
                new DeleteShareGroupOffsetsResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
    }
}
