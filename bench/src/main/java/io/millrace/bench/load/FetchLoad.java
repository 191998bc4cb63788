package io.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.FetchSessionHandler;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * One consumer of all partitions of a topic, with an incremental session as clients have, that
 * looks at batch headers only. Blocks; belongs to one thread.
 */
public final class FetchLoad implements AutoCloseable {
    private static final short VERSION = ApiKeys.FETCH.latestVersion(false);
    private static final int MAX_WAIT_MS = 500;
    private static final int MAX_BYTES = 50 << 20;
    private static final int PARTITION_MAX_BYTES = 1 << 20;

    private final BrokerConnection connection;
    private final Target target;
    private final FetchSessionHandler session = new FetchSessionHandler(new LogContext(), 0);
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private long records;
    private long bytes;

    /** Told of each batch that was fetched. */
    @FunctionalInterface
    public interface Listener {
        void fetched(RecordBatch batch);
    }

    /** A consumer from the beginning of every partition. */
    public FetchLoad(Target target) throws IOException {
        this.target = target;
        connection = new BrokerConnection(target.broker());
        for (int i = 0; i < target.partitions(); i++) {
            positions.put(new TopicPartition(target.topic(), i), 0L);
        }
    }

    /** Reads so many records of a topic from its beginning. Blocks. The latencies are empty. */
    public static LoadResult readBack(Target target, long records) throws IOException {
        long startNs = System.nanoTime();
        try (var consumer = new FetchLoad(target)) {
            consumer.until(records, batch -> {});
            return new LoadResult(
                    consumer.records,
                    consumer.bytes,
                    System.nanoTime() - startNs,
                    new Histogram(3));
        }
    }

    /** How many records were fetched so far. */
    public long records() {
        return records;
    }

    /** How many bytes of batches were fetched so far. */
    public long bytes() {
        return bytes;
    }

    /** Where it is in each partition, as a group commits it. */
    Map<TopicPartition, OffsetAndMetadata> positions() {
        var committed = new HashMap<TopicPartition, OffsetAndMetadata>();
        positions.forEach((partition, at) -> committed.put(partition, new OffsetAndMetadata(at)));
        return committed;
    }

    /** Fetches until so many records have been seen. */
    public void until(long wanted, Listener listener) throws IOException {
        while (records < wanted) {
            poll(listener);
        }
    }

    /** Fetches once; waits at the end of the log for what comes, as consumers do. */
    public void poll(Listener listener) throws IOException {
        FetchSessionHandler.Builder builder = session.newBuilder();
        positions.forEach((partition, offset) ->
                builder.add(
                        partition,
                        new FetchRequest.PartitionData(
                                target.id(), offset, -1, PARTITION_MAX_BYTES, Optional.empty())));
        FetchSessionHandler.FetchRequestData data = builder.build();
        FetchRequest request =
                FetchRequest.Builder.forConsumer(VERSION, MAX_WAIT_MS, 1, data.toSend())
                        .metadata(data.metadata())
                        .setMaxBytes(MAX_BYTES)
                        .removed(data.toForget())
                        .replaced(data.toReplace())
                        .build(VERSION);
        FetchResponse response =
                FetchResponse.parse(new ByteBufferAccessor(connection.ask(request)), VERSION);
        if (!session.handleResponse(response, VERSION)) {
            throw new IOException("a fetch failed: " + response.error());
        }
        for (FetchResponseData.FetchableTopicResponse topic : response.data().responses()) {
            for (FetchResponseData.PartitionData partition : topic.partitions()) {
                take(partition, listener);
            }
        }
    }

    private void take(FetchResponseData.PartitionData partition, Listener listener)
            throws IOException {
        if (partition.errorCode() != 0) {
            throw new IOException("a fetch failed: " + Errors.forCode(partition.errorCode()));
        }
        var fetched = (MemoryRecords) FetchResponse.recordsOrFail(partition);
        ByteBuffer buffer = fetched.buffer();
        bytes += buffer.remaining();
        for (RecordBatch batch : fetched.batches()) {
            listener.fetched(batch);
            records += batch.nextOffset() - batch.baseOffset();
            positions.put(
                    new TopicPartition(target.topic(), partition.partitionIndex()),
                    batch.nextOffset());
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
