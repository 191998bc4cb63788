package io.millrace.broker.handler.queue;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AlterShareGroupOffsetsRequest;
import org.apache.kafka.common.requests.AlterShareGroupOffsetsResponse;
import org.jspecify.annotations.Nullable;

/**
 * AlterShareGroupOffsets: has share partitions of a group without members begin anew (KIP-932). A
 * group that is not there yet comes to be, as in Kafka.
 */
public final class AlterShareGroupOffsetsHandler implements ApiHandler {
    private final QueueRouter queues;
    private final ShareMembership members;
    private final PartitionDirectory directory;
    private final Topics topics;

    public AlterShareGroupOffsetsHandler(
            QueueRouter queues,
            ShareMembership members,
            PartitionDirectory directory,
            Topics topics) {
        this.queues = queues;
        this.members = members;
        this.directory = directory;
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.ALTER_SHARE_GROUP_OFFSETS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(AlterShareGroupOffsetsRequest.class).data();
        members.ask(
                asked.groupId(),
                standing -> {
                    Errors error = standing.problemIfNotEmpty();
                    if (error == Errors.NONE) {
                        prepare(request, asked);
                    } else if (error == Errors.GROUP_ID_NOT_FOUND) {
                        members.begin(
                                asked.groupId(),
                                begun -> {
                                    if (begun == Errors.NONE) {
                                        prepare(request, asked);
                                    } else {
                                        request.answer(failed(begun));
                                    }
                                });
                    } else {
                        request.answer(failed(error));
                    }
                });
    }

    private void prepare(Request request, AlterShareGroupOffsetsRequestData asked) {
        var _ =
                topics.ensureShareStateTopic()
                        .whenComplete((outcome, failure) -> {
                            if (failure == null) {
                                alter(request, asked);
                            } else {
                                request.answer(failed(Errors.COORDINATOR_NOT_AVAILABLE));
                            }
                        });
    }

    private static AlterShareGroupOffsetsResponse failed(Errors error) {
        return new AlterShareGroupOffsetsResponse(
                new AlterShareGroupOffsetsResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
    }

    /** A start to be set, and where what comes of it is written. */
    private record Reset(QueueRequest request, AlterShareGroupOffsetsResponsePartition slot) {}

    private void alter(Request request, AlterShareGroupOffsetsRequestData asked) {
        var data =
                new AlterShareGroupOffsetsResponseData()
                        .setResponses(
                                new AlterShareGroupOffsetsResponseTopicCollection(
                                        asked.topics().size() + 1));
        var resets = new ArrayList<Reset>();
        for (var topic : asked.topics()) {
            HostedTopic hosted = directory.topic(topic.topicName());
            var slot =
                    new AlterShareGroupOffsetsResponseTopic()
                            .setTopicName(topic.topicName())
                            .setTopicId(
                                    hosted == null ? Uuid.ZERO_UUID : Uuids.toWire(hosted.id()));
            data.responses().add(slot);
            for (var partition : topic.partitions()) {
                var each =
                        new AlterShareGroupOffsetsResponsePartition()
                                .setPartitionIndex(partition.partitionIndex());
                slot.partitions().add(each);
                Errors error = problem(hosted, partition.partitionIndex(), partition.startOffset());
                if (hosted == null || error != Errors.NONE) {
                    set(each, error);
                } else {
                    var key =
                            new QueueKey(asked.groupId(), hosted.id(), partition.partitionIndex());
                    resets.add(
                            new Reset(new QueueRequest.Reset(key, partition.startOffset()), each));
                }
            }
        }
        run(resets, () -> request.answer(new AlterShareGroupOffsetsResponse(data)));
    }

    private static Errors problem(@Nullable HostedTopic topic, int index, long startOffset) {
        if (topic == null || topic.partition(index) == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return startOffset < 0 ? Errors.INVALID_REQUEST : Errors.NONE;
    }

    private static void set(AlterShareGroupOffsetsResponsePartition slot, Errors error) {
        slot.setErrorCode(error.code()).setErrorMessage(error.message());
    }

    private void run(List<Reset> resets, Runnable then) {
        var open = new AtomicInteger(resets.size());
        if (resets.isEmpty()) {
            then.run();
        }
        for (Reset reset : resets) {
            queues.handle(
                    reset.request(),
                    reply -> {
                        Errors error = QueueErrors.ofCoordinator(reply.error());
                        if (error != Errors.NONE) {
                            set(reset.slot(), error);
                        }
                        if (open.decrementAndGet() == 0) {
                            then.run();
                        }
                    });
        }
    }
}
