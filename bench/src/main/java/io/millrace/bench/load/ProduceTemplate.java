package io.millrace.bench.load;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;

/**
 * A produce request for one partition, encoded once. Before each sending its correlation id, its
 * producer and its sequence are put in place, and the batch's CRC is computed again.
 */
final class ProduceTemplate {
    static final short VERSION = ApiKeys.PRODUCE.latestVersion(false);
    private static final int CORRELATION_AT = 8;
    private static final int TIMEOUT_MS = 30_000;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int BASE_TIME_AT = 27;
    private static final int MAX_TIME_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int SEQUENCE_AT = 53;

    private final ByteBuffer frame;
    private final int batchAt;
    private final int batchBytes;
    private final CRC32C crc = new CRC32C();

    ProduceTemplate(Uuid topic, int partition, ByteBuffer batch, short acks) {
        var partitionData =
                new ProduceRequestData.PartitionProduceData()
                        .setIndex(partition)
                        .setRecords(MemoryRecords.readableRecords(batch.duplicate()));
        var topicData = new ProduceRequestData.TopicProduceData().setTopicId(topic);
        topicData.partitionData().add(partitionData);
        var data = new ProduceRequestData().setAcks(acks).setTimeoutMs(TIMEOUT_MS);
        data.topicData().add(topicData);
        frame =
                BrokerConnection.frame(
                        new ProduceRequest.Builder(VERSION, VERSION, data).build(VERSION), 0);
        batchBytes = batch.remaining();
        // After the records: the tagged fields of the partition, of the topic and of the request.
        batchAt = frame.limit() - 3 - batchBytes;
    }

    /** Sets the time of all records; only for batches with a producer, whose CRC is made anew. */
    void stamp(long timestamp) {
        frame.putLong(batchAt + BASE_TIME_AT, timestamp);
        frame.putLong(batchAt + MAX_TIME_AT, timestamp);
    }

    /** The bytes to send; valid until the next call. */
    ByteBuffer next(int correlationId, long producerId, int sequence) {
        frame.putInt(CORRELATION_AT, correlationId);
        if (producerId >= 0) {
            frame.putLong(batchAt + PRODUCER_ID_AT, producerId);
            frame.putShort(batchAt + PRODUCER_EPOCH_AT, (short) 0);
            frame.putInt(batchAt + SEQUENCE_AT, sequence);
            crc.reset();
            crc.update(
                    frame.array(),
                    frame.arrayOffset() + batchAt + ATTRIBUTES_AT,
                    batchBytes - ATTRIBUTES_AT);
            frame.putInt(batchAt + CRC_AT, (int) crc.getValue());
        }
        return frame.duplicate();
    }
}
