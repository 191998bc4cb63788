package io.millrace.broker;

import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;

/** Requests as clients send them, with something in them. */
final class RealRequests {
    private RealRequests() {}

    /** One frame for each request, in an older and in a newer version. */
    static List<byte[]> frames() {
        var frames = new ArrayList<byte[]>();
        for (Codec codec : Codec.values()) {
            frames.add(frame(ApiKeys.PRODUCE, 9, produce(codec)));
            frames.add(frame(ApiKeys.PRODUCE, 3, produce(codec)));
        }
        frames.add(frame(ApiKeys.FETCH, 12, fetch()));
        frames.add(frame(ApiKeys.FETCH, 4, fetch()));
        frames.add(frame(ApiKeys.METADATA, 9, metadata()));
        frames.add(frame(ApiKeys.METADATA, 4, metadata()));
        frames.add(frame(ApiKeys.LIST_OFFSETS, 7, listOffsets()));
        frames.add(frame(ApiKeys.LIST_OFFSETS, 1, listOffsets()));
        frames.add(frame(ApiKeys.JOIN_GROUP, 9, join()));
        frames.add(frame(ApiKeys.JOIN_GROUP, 2, join()));
        frames.add(frame(ApiKeys.SYNC_GROUP, 3, sync()));
        frames.add(frame(ApiKeys.OFFSET_COMMIT, 8, commit()));
        frames.add(frame(ApiKeys.OFFSET_COMMIT, 2, commit()));
        frames.add(frame(ApiKeys.OFFSET_FETCH, 7, offsetFetch()));
        frames.add(frame(ApiKeys.CREATE_TOPICS, 6, createTopics()));
        frames.add(frame(ApiKeys.DESCRIBE_CONFIGS, 4, describeConfigs()));
        return frames;
    }

    private static byte[] frame(ApiKeys api, int version, ApiMessage body) {
        var header = new RequestHeader(api, (short) version, "real", 7);
        var head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(body, (short) version).buffer();
        byte[] frame = new byte[4 + head.remaining() + bytes.remaining()];
        ByteBuffer.wrap(frame).putInt(frame.length - 4).put(head).put(bytes);
        return frame;
    }

    private static ApiMessage produce(Codec codec) {
        var builder = new BatchBuilder(0, codec, Codec.DEFAULT_LEVEL);
        for (int i = 0; i < 10; i++) {
            builder.add(1000, bytes("key" + i), bytes("value" + i));
        }
        var partition =
                new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.readableRecords(builder.build()));
        var topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(
                new ProduceRequestData.TopicProduceData()
                        .setName("t")
                        .setPartitionData(List.of(partition)));
        return new ProduceRequestData().setAcks((short) 1).setTimeoutMs(100).setTopicData(topics);
    }

    private static ApiMessage fetch() {
        var partition =
                new FetchRequestData.FetchPartition()
                        .setPartition(0)
                        .setFetchOffset(0)
                        .setPartitionMaxBytes(10_000);
        var topic =
                new FetchRequestData.FetchTopic().setTopic("t").setPartitions(List.of(partition));
        return new FetchRequestData()
                .setMaxWaitMs(10)
                .setMinBytes(1)
                .setMaxBytes(100_000)
                .setTopics(List.of(topic));
    }

    private static ApiMessage metadata() {
        var topic = new MetadataRequestData.MetadataRequestTopic().setName("t");
        return new MetadataRequestData().setTopics(List.of(topic)).setAllowAutoTopicCreation(false);
    }

    private static ApiMessage listOffsets() {
        var partition = new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(1000);
        var topic =
                new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName("t")
                        .setPartitions(List.of(partition));
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(topic));
    }

    private static ApiMessage join() {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(
                new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(new byte[20]));
        return new JoinGroupRequestData()
                .setGroupId("g")
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(10_000)
                .setProtocolType("consumer")
                .setProtocols(protocols);
    }

    private static ApiMessage sync() {
        var assignment =
                new SyncGroupRequestData.SyncGroupRequestAssignment()
                        .setMemberId("m")
                        .setAssignment(new byte[10]);
        return new SyncGroupRequestData()
                .setGroupId("g")
                .setGenerationId(1)
                .setMemberId("m")
                .setAssignments(List.of(assignment));
    }

    private static ApiMessage commit() {
        var partition =
                new OffsetCommitRequestData.OffsetCommitRequestPartition().setCommittedOffset(5);
        var topic =
                new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("t")
                        .setPartitions(List.of(partition));
        return new OffsetCommitRequestData().setGroupId("g2").setTopics(List.of(topic));
    }

    private static ApiMessage offsetFetch() {
        var topic =
                new OffsetFetchRequestData.OffsetFetchRequestTopic()
                        .setName("t")
                        .setPartitionIndexes(List.of(0, 1));
        return new OffsetFetchRequestData().setGroupId("g2").setTopics(List.of(topic));
    }

    private static ApiMessage createTopics() {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(
                new CreateTopicsRequestData.CreatableTopic()
                        .setName("../x")
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        return new CreateTopicsRequestData().setTopics(topics).setValidateOnly(true);
    }

    private static ApiMessage describeConfigs() {
        var resource =
                new DescribeConfigsRequestData.DescribeConfigsResource()
                        .setResourceType((byte) 2)
                        .setResourceName("t");
        return new DescribeConfigsRequestData().setResources(List.of(resource));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
