package io.millrace.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;

/** Produce and fetch requests as a client of the newest version sends them, without the length. */
final class WireFrames {
    static final UUID TOPIC = new UUID(0x1122334455667788L, 0x99aabbccddeeff00L);
    private static final Uuid WIRE_TOPIC =
            new Uuid(TOPIC.getMostSignificantBits(), TOPIC.getLeastSignificantBits());
    private static final int TIMEOUT_MS = 30_000;
    private static final int MAX_BYTES = 1 << 20;

    private WireFrames() {}

    /** A batch for each of so many partitions. */
    static ByteBuf produce(int partitions, ByteBuffer batch) {
        var topic = new ProduceRequestData.TopicProduceData().setTopicId(WIRE_TOPIC);
        for (int index = 0; index < partitions; index++) {
            topic.partitionData()
                    .add(
                            new ProduceRequestData.PartitionProduceData()
                                    .setIndex(index)
                                    .setRecords(MemoryRecords.readableRecords(batch.duplicate())));
        }
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(TIMEOUT_MS);
        data.topicData().add(topic);
        return frame(ApiKeys.PRODUCE, data);
    }

    /** A fetch outside of sessions, from an offset of each of so many partitions. */
    static ByteBuf fetch(int partitions, long offset) {
        var topic = new FetchRequestData.FetchTopic().setTopicId(WIRE_TOPIC);
        for (int index = 0; index < partitions; index++) {
            topic.partitions()
                    .add(
                            new FetchRequestData.FetchPartition()
                                    .setPartition(index)
                                    .setFetchOffset(offset)
                                    .setPartitionMaxBytes(MAX_BYTES));
        }
        var data = new FetchRequestData().setMaxWaitMs(1).setMinBytes(1).setMaxBytes(MAX_BYTES);
        data.topics().add(topic);
        return frame(ApiKeys.FETCH, data);
    }

    private static ByteBuf frame(ApiKeys api, ApiMessage body) {
        short version = api.latestVersion(false);
        var header = new RequestHeader(api, version, "micro", 7);
        ByteBuf bytes = Unpooled.directBuffer();
        bytes.writeBytes(
                MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer());
        bytes.writeBytes(MessageUtil.toByteBufferAccessor(body, version).buffer());
        return bytes;
    }

    /** Where the base offset of a produce request's only batch lies. */
    static int onlyBatchAt(ByteBuf frame, int batchBytes) {
        // After the records: the tagged fields of the partition, of the topic and of the request.
        return frame.writerIndex() - 3 - batchBytes;
    }
}
