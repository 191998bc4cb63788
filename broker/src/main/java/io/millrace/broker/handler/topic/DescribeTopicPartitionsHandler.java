package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.AuthorizedOperations;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.controller.TopicNames;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopicCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;

/** DescribeTopicPartitions: topics in order of their names, a page at a time (KIP-966). */
public final class DescribeTopicPartitionsHandler implements ApiHandler {
    private static final int MOST_PARTITIONS = 2000;

    private final Topics topics;

    public DescribeTopicPartitionsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public void handle(Request request) {
        DescribeTopicPartitionsRequestData asked =
                request.body(DescribeTopicPartitionsRequest.class).data();
        ClusterImage image = topics.image();
        var names = new TreeSet<String>();
        asked.topics().forEach(topic -> names.add(topic.name()));
        boolean all = names.isEmpty();
        if (all) {
            image.topics().forEach(topic -> names.add(topic.name()));
        }
        var cursor = asked.cursor();
        if (cursor != null && cursor.partitionIndex() < 0) {
            throw new InvalidRequestException(
                    "DescribeTopicPartitions cursor partition must be valid");
        }
        int room = Math.clamp(asked.responsePartitionLimit(), 1, MOST_PARTITIONS);
        var data =
                new DescribeTopicPartitionsResponseData()
                        .setTopics(
                                new DescribeTopicPartitionsResponseTopicCollection(
                                        names.size() + 1));
        for (String name : cursor == null ? names : names.tailSet(cursor.topicName())) {
            int from =
                    cursor != null && name.equals(cursor.topicName()) ? cursor.partitionIndex() : 0;
            if (room == 0) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(from));
                break;
            }
            TopicImage topic = image.topic(name);
            if (topic == null) {
                data.topics().add(missing(name));
                continue;
            }
            int to = Math.min(topic.partitions().size(), from + room);
            data.topics().add(describe(image, topic, from, to));
            room -= Math.max(0, to - from);
            if (to < topic.partitions().size()) {
                data.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(to));
                break;
            }
        }
        request.answer(new DescribeTopicPartitionsResponse(data));
    }

    private static DescribeTopicPartitionsResponseTopic missing(String name) {
        Errors error =
                TopicNames.problem(name) == null
                        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                        : Errors.INVALID_TOPIC_EXCEPTION;
        return new DescribeTopicPartitionsResponseTopic()
                .setName(name)
                .setErrorCode(error.code())
                .setTopicAuthorizedOperations(AuthorizedOperations.onTopic(true));
    }

    private static DescribeTopicPartitionsResponseTopic describe(
            ClusterImage image, TopicImage topic, int from, int to) {
        var described =
                new DescribeTopicPartitionsResponseTopic()
                        .setName(topic.name())
                        .setTopicId(Uuids.toWire(topic.id()))
                        .setIsInternal(MetadataErrors.isInternal(topic))
                        .setTopicAuthorizedOperations(AuthorizedOperations.onTopic(true));
        for (int i = from; i < to; i++) {
            PartitionImage partition = topic.partitions().get(i);
            described
                    .partitions()
                    .add(
                            new DescribeTopicPartitionsResponsePartition()
                                    .setPartitionIndex(i)
                                    .setLeaderId(partition.leader())
                                    .setLeaderEpoch(partition.leaderEpoch())
                                    .setReplicaNodes(partition.replicas())
                                    .setErrorCode(
                                            partition.leader() == PartitionImage.NO_LEADER
                                                    ? Errors.LEADER_NOT_AVAILABLE.code()
                                                    : Errors.NONE.code())
                                    .setOfflineReplicas(
                                            partition.replicas().only(node -> !image.isLive(node)))
                                    .setIsrNodes(partition.inSyncReplicas())
                                    .setEligibleLeaderReplicas(partition.eligible())
                                    .setLastKnownElr(List.of()));
        }
        return described;
    }
}
