package io.millrace.broker;

import io.millrace.broker.wire.Uuids;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** A member of a share group that speaks the protocol by hand. */
final class ShareClient implements AutoCloseable {
    private final RawClient raw;
    private final String group;
    private final Uuid topic;
    final String member;
    int epoch;
    int maxWaitMs = 500;
    int maxRecords = 500;
    int maxBytes = 1 << 20;

    ShareClient(int port, String group, java.util.UUID topic) throws IOException {
        this(port, group, Uuids.toWire(topic));
    }

    ShareClient(int port, String group, Uuid topic) throws IOException {
        this(port, group, topic, Uuid.randomUuid().toString());
    }

    /** One that goes on over another connection. */
    ShareClient(int port, String group, java.util.UUID topic, String member) throws IOException {
        this(port, group, Uuids.toWire(topic), member);
    }

    private ShareClient(int port, String group, Uuid topic, String member) throws IOException {
        raw = new RawClient(port);
        this.group = group;
        this.topic = topic;
        this.member = member;
    }

    /** A record that was delivered. */
    record Delivered(long offset, String value, int deliveries) {}

    /** Joins the group, whose coordinator's topic is made by the search for it. */
    ShareClient join(String topicName) throws IOException {
        raw.ask(
                ApiKeys.FIND_COORDINATOR,
                new FindCoordinatorRequestData()
                        .setKeyType((byte) 0)
                        .setCoordinatorKeys(List.of(group)),
                FindCoordinatorResponseData.class);
        var body =
                new ShareGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setMemberEpoch(0)
                        .setSubscribedTopicNames(List.of(topicName));
        short error;
        do {
            error =
                    raw.ask(
                                    ApiKeys.SHARE_GROUP_HEARTBEAT,
                                    body,
                                    ShareGroupHeartbeatResponseData.class)
                            .errorCode();
        } while (error != 0);
        return this;
    }

    /** Leaves the group. */
    void leave() throws IOException {
        var body =
                new ShareGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setMemberEpoch(-1);
        raw.ask(ApiKeys.SHARE_GROUP_HEARTBEAT, body, ShareGroupHeartbeatResponseData.class);
    }

    ShareFetchResponseData fetchRaw(List<ShareFetchRequestData.AcknowledgementBatch> acks)
            throws IOException {
        var answer = raw.ask(ApiKeys.SHARE_FETCH, body(acks), ShareFetchResponseData.class);
        if (answer.errorCode() == 0) {
            epoch++;
        }
        return answer;
    }

    /** Asks for records, and never reads the answer. */
    void fetchUnread() throws IOException {
        short version = ApiKeys.SHARE_FETCH.latestVersion(false);
        raw.send(ApiKeys.SHARE_FETCH, version, body(List.of()));
    }

    private ShareFetchRequestData body(List<ShareFetchRequestData.AcknowledgementBatch> acks) {
        var partition =
                new ShareFetchRequestData.FetchPartition()
                        .setPartitionIndex(0)
                        .setAcknowledgementBatches(acks);
        var partitions = new ShareFetchRequestData.FetchPartitionCollection();
        partitions.add(partition);
        var topics = new ShareFetchRequestData.FetchTopicCollection();
        topics.add(
                new ShareFetchRequestData.FetchTopic().setTopicId(topic).setPartitions(partitions));
        return new ShareFetchRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setShareSessionEpoch(epoch)
                .setMaxWaitMs(maxWaitMs)
                .setMinBytes(1)
                .setMaxBytes(maxBytes)
                .setMaxRecords(maxRecords)
                .setBatchSize(maxRecords)
                .setTopics(topics);
    }

    List<Delivered> fetch() throws IOException {
        var delivered = new ArrayList<Delivered>();
        for (var each : fetchRaw(List.of()).responses()) {
            each.partitions().forEach(partition -> read(partition, delivered));
        }
        return delivered;
    }

    private static void read(PartitionData partition, List<Delivered> delivered) {
        var records = (MemoryRecords) Objects.requireNonNull(partition.records());
        for (Record record : records.records()) {
            for (AcquiredRecords run : partition.acquiredRecords()) {
                if (record.offset() >= run.firstOffset() && record.offset() <= run.lastOffset()) {
                    String value = StandardCharsets.UTF_8.decode(record.value()).toString();
                    delivered.add(new Delivered(record.offset(), value, run.deliveryCount()));
                }
            }
        }
    }

    ShareAcknowledgeResponseData ackRaw(long first, long last, boolean renews, int... types)
            throws IOException {
        var bytes = new ArrayList<Byte>();
        for (int type : types) {
            bytes.add((byte) type);
        }
        var partition =
                new ShareAcknowledgeRequestData.AcknowledgePartition()
                        .setPartitionIndex(0)
                        .setAcknowledgementBatches(
                                List.of(
                                        new ShareAcknowledgeRequestData.AcknowledgementBatch()
                                                .setFirstOffset(first)
                                                .setLastOffset(last)
                                                .setAcknowledgeTypes(bytes)));
        var partitions = new ShareAcknowledgeRequestData.AcknowledgePartitionCollection();
        partitions.add(partition);
        var topics = new ShareAcknowledgeRequestData.AcknowledgeTopicCollection();
        topics.add(
                new ShareAcknowledgeRequestData.AcknowledgeTopic()
                        .setTopicId(topic)
                        .setPartitions(partitions));
        var body =
                new ShareAcknowledgeRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setShareSessionEpoch(epoch)
                        .setIsRenewAck(renews)
                        .setTopics(topics);
        var answer = raw.ask(ApiKeys.SHARE_ACKNOWLEDGE, body, ShareAcknowledgeResponseData.class);
        if (answer.errorCode() == 0) {
            epoch++;
        }
        return answer;
    }

    /** Acknowledges; gives the partition's error code, or the request's if it has one. */
    int ack(long first, long last, int... types) throws IOException {
        var answer = ackRaw(first, last, false, types);
        return answer.errorCode() != 0
                ? answer.errorCode()
                : answer.responses().iterator().next().partitions().getFirst().errorCode();
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
